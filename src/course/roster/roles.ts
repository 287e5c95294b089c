import type { LtiRole } from '../../lti/types.ts';
import type { CourseRole } from '../../scope.ts';

export type RoleFacts = {
  readonly launchRole: LtiRole | null;
  readonly rosterRole: LtiRole | null;
  /** What staff set by hand; `excluded` is nobody's fellow and nobody's staff. */
  readonly roleOverride: CourseRole | null;
  readonly testUser: boolean;
};

/**
 * The role in the course from what launch and roster say. Moodle's rosters list a non-editing teacher as Learner,
 * launches as Instructor: Instructor at launch and Learner in the roster is a mentor; Instructor at launch and not
 * yet in a roster is a Community Manager until a roster says otherwise.
 */
export function courseRoleOf({ launchRole, rosterRole, roleOverride, testUser }: RoleFacts): CourseRole {
  if (roleOverride !== null) return roleOverride;
  if (launchRole === 'mentor' || rosterRole === 'mentor') return 'mentor';
  if (launchRole === 'instructor') return rosterRole === 'learner' ? 'mentor' : 'manager';
  if (rosterRole === 'instructor') return launchRole === null ? 'manager' : 'visitor';
  if (testUser) return 'visitor';
  if (launchRole === 'learner' || (launchRole === null && rosterRole === 'learner')) return 'fellow';
  return 'visitor';
}
