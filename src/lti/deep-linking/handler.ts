import type { RequestHandler } from 'express';
import type { Logger } from 'pino';
import { AppError, BadRequest, Forbidden } from '../../errors.ts';
import { page, type Pages } from '../../web/page.ts';
import { PATHS } from '../addresses.ts';
import { allowFormsAnywhere, allowFrames } from '../frames.ts';
import type { PlatformStore } from '../platforms.store.ts';
import { readFields } from '../request-fields.ts';
import { type DeepLinkAnswer, signAnswer } from './answer.ts';
import { HOME, type LinkTarget, type Offered, type OfferDeps } from './offer.ts';

export type ChoiceDeps = OfferDeps & {
  /** Our own origin. */
  readonly origin: string;
  readonly platforms: PlatformStore;
  readonly clock: () => Date;
  readonly log: Logger;
};
type Words = (key: string) => string;

/**
 * Handles POST /lti/deep-link: staff chose, or cancelled. The answer goes through their browser to the platform's own
 * page, which takes it once, as we give it once.
 * @throws AppError 401 lti_ticket_unknown, Forbidden lti_proof_foreign, BadRequest lti_request_malformed
 */
export function choiceHandler(deps: ChoiceDeps): RequestHandler {
  return async (req, res) => {
    // Browsers that say where a form comes from say the truth; the ticket alone keeps the others.
    if (!['same-origin', undefined].includes(req.get('sec-fetch-site')))
      throw new Forbidden('lti_proof_foreign');
    const fields = readFields(req);
    const offered = (await deps.tickets.take('deep-link', fields.get('ticket') ?? '')) as Offered | null;
    const platform = offered === null ? null : await deps.platforms.find(offered.platformId);
    if (offered === null || platform?.state !== 'active') throw new AppError(401, 'lti_ticket_unknown');
    allowFrames(res, platform);
    const { settings, deploymentId, locale } = offered;
    const words: Words = (res.app.locals['pages'] as Pages).words(locale ?? 'en');
    const answer = answerOf(fields, offered, deps, words);
    const key = await deps.platforms.signingKey(platform.id);
    const jwt = await signAnswer(answer, { platform, deploymentId, settings, key, now: deps.clock() });
    deps.log.info({ platformId: platform.id, items: answer.items.length }, 'deep linking answered');
    allowFormsAnywhere(res, deps.allowPrivateNetwork);
    page(res, 'lti/deep-link-answer', { returnUrl: settings.returnUrl, jwt, count: answer.items.length });
  };
}

function answerOf(
  fields: ReadonlyMap<string, string>,
  { settings }: Offered,
  deps: ChoiceDeps,
  words: Words,
): DeepLinkAnswer {
  if (fields.has('cancel')) return { items: [], error: null };
  if (!settings.takesLinks) return { items: [], error: words('lti:deep_link.no_links') };
  const chosen = [HOME, ...deps.links.targets()].filter(
    ({ path }) => fields.has(`target ${path}`) || fields.get('target') === path,
  );
  if (chosen.length === 0 || (chosen.length > 1 && !settings.takesSeveral))
    throw new BadRequest('lti_request_malformed');
  const withColumn = fields.has('column') && settings.takesColumns;
  return {
    items: chosen.map((target) => itemOf(target, withColumn, settings.inWindow, deps, words)),
    error: null,
  };
}

/** A resource link (LTI Deep Linking 2.0, 3.2); the column comes with My Peer Group alone. */
function itemOf(
  target: LinkTarget,
  withColumn: boolean,
  inWindow: boolean,
  { origin, links }: ChoiceDeps,
  words: Words,
): object {
  const url = new URL(PATHS.launch, origin);
  if (target !== HOME) url.searchParams.set('open', target.path);
  const { label, ...column } = links.column;
  return {
    type: 'ltiResourceLink',
    title: words(target.label),
    url: url.href,
    ...(inWindow ? { window: { targetName: 'peer-group' } } : {}),
    ...(withColumn && target === HOME ? { lineItem: { label: words(label), ...column } } : {}),
  };
}
