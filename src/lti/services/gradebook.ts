import { ServiceError } from '../service-error.ts';
import type { Gradebook } from '../types.ts';
import { AGS, below, granted } from './ags.ts';
import { createLineItem, isStillThere, searchLineItem } from './line-items.ts';
import { readResult } from './results.ts';
import type { ServiceClient } from './service-client.ts';

/** Without this Canvas counts each score as an attempt; the last word is whether an instructor's grade stays. */
const canvasManner = (keepsStaffGrade: boolean) => ({
  'https://canvas.instructure.com/lti/submission': {
    new_submission: false,
    submission_type: 'none',
    prioritize_non_tool_grade: keepsStaffGrade,
  },
});

/** The AGS v2 client (https://www.imsglobal.org/spec/lti-ags/v2p0/): line items, results, scores, by granted scopes alone. */
export function createGradebook(client: ServiceClient): Gradebook {
  return {
    async selectLineItem(platformId, services, spec, knownUrl) {
      // What the course posted to before stays its column, even where a further link brings one of its own.
      for (const url of [knownUrl, services.lineItemUrl]) {
        if (url !== null && (await isStillThere(client, platformId, services, url))) return url;
      }
      return (
        (await searchLineItem(client, platformId, services, spec)) ??
        (await createLineItem(client, platformId, services, spec))
      );
    },
    findResult: (platformId, services, lineItemUrl, sub) =>
      readResult(client, platformId, services, lineItemUrl, sub),
    async postScore(platformId, services, lineItemUrl, score) {
      const scope = granted(services, 'score');
      if (scope === null) throw new ServiceError('permanent', 'grades_scope_missing');
      await client.call(platformId, {
        url: below(lineItemUrl, '/scores').href,
        method: 'POST',
        scopes: [scope],
        deploymentId: services.deploymentId,
        contentType: AGS.score,
        body: JSON.stringify({
          userId: score.sub,
          scoreGiven: Math.round(score.scoreGiven * 1e5) / 1e5,
          scoreMaximum: score.scoreMaximum,
          timestamp: score.timestamp.toISOString(),
          activityProgress: 'InProgress',
          // Moodle erases the grade at anything else.
          gradingProgress: 'FullyGraded',
          ...(score.comment === null ? {} : { comment: score.comment }),
          ...canvasManner(score.overStaff !== true),
        }),
      });
    },
  };
}
