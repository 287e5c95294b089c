declare const scoped: unique symbol;

/**
 * The course a request or job may touch. Every upstairs store takes it first, so that no query can leave its
 * course. Only requireRole (web/), recordLaunch (course/) and the job worker (jobs/) make one.
 */
export type CourseScope = { readonly courseId: string; readonly [scoped]: true };

/** Makes the branded scope; see the type for who may call it (held by dependency-cruiser). */
export function courseScope(courseId: string): CourseScope {
  return { courseId } as CourseScope;
}

/**
 * What a person may do in one course. manager: Community Manager; mentor: sees, never grouped;
 * visitor: least privilege (unknown, empty or institution-only roles).
 */
export type CourseRole = 'manager' | 'mentor' | 'fellow' | 'visitor';
