import { z } from 'zod';
import { BadRequest } from '../../errors.ts';
import { TOOL_CONFIGURATION, isId } from '../claims.ts';
import type { SafeFetchAnswer } from '../safe-fetch.ts';
import { parseJson } from './configuration.ts';

const deploymentId = z
  .union([z.string(), z.number().transform(String)])
  .nullish()
  .catch(null);
/** LTI Dynamic Registration 1.0, 3.6. Moodle puts deployment_id into the tool configuration, Canvas at the top. */
const Answer = z.object({
  client_id: z.string().refine(isId),
  scope: z.string().nullish().catch(null),
  deployment_id: deploymentId,
  [TOOL_CONFIGURATION]: z.object({ deployment_id: deploymentId }).nullish().catch(null),
});

export type RegistrationAnswer = {
  readonly clientId: string;
  /** Null where the platform names none: it is learned from the first staff launch. */
  readonly deploymentId: string | null;
  /** Null where the platform does not say what it granted. */
  readonly scopes: readonly string[] | null;
};

/**
 * Reads what the platform made of the registration.
 * @throws BadRequest lti_registration_refused for any status but 200 and 201, lti_registration_answer
 */
export function readAnswer(answer: SafeFetchAnswer): RegistrationAnswer {
  if (answer.status !== 200 && answer.status !== 201) throw new BadRequest('lti_registration_refused');
  const parsed = Answer.safeParse(parseJson(answer.text));
  if (!parsed.success) throw new BadRequest('lti_registration_answer');
  const { client_id, scope, deployment_id, [TOOL_CONFIGURATION]: tool } = parsed.data;
  const deployment = tool?.deployment_id ?? deployment_id ?? null;
  return {
    clientId: client_id,
    deploymentId: isId(deployment) ? deployment : null,
    scopes: scope === undefined || scope === null ? null : scope.split(/\s+/).filter((one) => one !== ''),
  };
}
