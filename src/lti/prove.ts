import { timingSafeEqual } from 'node:crypto';
import type { RequestHandler } from 'express';
import type { Logger } from 'pino';
import { AppError, Forbidden } from '../errors.ts';
import { enter, type EnterDeps, type ValidLaunch } from './enter.ts';
import { allowFrames } from './frames.ts';
import { browserHashOf } from './logins.store.ts';
import type { Platform } from './platforms.ts';
import { readFields } from './request-fields.ts';

/** The page asks the platform at once, and waits a second and a half; the rest is for slow lines. */
export const PROOF_LIFE_MS = 60_000;

/** A valid launch of a browser that has yet to show the key of its login. */
export type LaunchToProve = ValidLaunch & { readonly browserHash: string };

export type ProofDeps = EnterDeps & { readonly log: Logger };

/**
 * Handles POST /lti/launch/proof: the browser got its key back from the platform's storage. Only our own page may
 * post here, or somebody could complete their own launch in another person's browser (login CSRF).
 * @throws Forbidden lti_proof_foreign, AppError 401 lti_ticket_unknown, lti_state_other_browser, Forbidden lti_platform_disabled, lti_deployment_revoked
 */
export function proofHandler(deps: ProofDeps): RequestHandler {
  return async (req, res) => {
    if (req.get('sec-fetch-site') !== 'same-origin') throw new Forbidden('lti_proof_foreign');
    const fields = readFields(req);
    // Issued by ourselves and sealed since: its shape is ours.
    const toProve = (await deps.tickets.take('launch', fields.get('ticket') ?? '')) as LaunchToProve | null;
    const platform = toProve === null ? null : await deps.platforms.find(toProve.launch.platformId);
    if (toProve === null || platform === null) throw new AppError(401, 'lti_ticket_unknown');
    allowFrames(res, platform);
    const [shown, kept] = [browserHashOf(fields.get('proof') ?? ''), toProve.browserHash].map((hash) =>
      Buffer.from(hash),
    );
    if (shown === undefined || kept === undefined || !timingSafeEqual(shown, kept)) {
      deps.log.warn({ platformId: platform.id, reason: 'lti_state_other_browser' }, 'launch refused');
      throw new AppError(401, 'lti_state_other_browser');
    }
    requireOpen(platform, toProve.launch.deploymentId);
    await enter(deps, toProve, platform, { req, res, keepsCookies: false });
  };
}

/** The operator may have closed the door since the launch was checked. */
function requireOpen(platform: Platform, deploymentId: string): void {
  if (platform.state === 'disabled') throw new Forbidden('lti_platform_disabled');
  if (platform.revokedDeploymentIds.includes(deploymentId)) throw new Forbidden('lti_deployment_revoked');
}
