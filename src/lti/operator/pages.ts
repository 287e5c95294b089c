import { timingSafeEqual } from 'node:crypto';
import { Router, type Request, type RequestHandler, type Response } from 'express';
import { AppError, Forbidden } from '../../errors.ts';
import { page } from '../../web/page.ts';
import { PATHS } from '../addresses.ts';
import type { HealthStore } from '../health.store.ts';
import type { PlatformStore } from '../platforms.store.ts';
import { profileOf } from '../profiles.ts';
import { readFields } from '../request-fields.ts';
import type { TicketStore } from '../tickets.store.ts';
import type { OperatorActions } from './actions.ts';
import type { Passes } from './pass.ts';

export type OperatorPagesDeps = {
  readonly actions: OperatorActions;
  readonly platforms: PlatformStore;
  readonly health: HealthStore;
  readonly tickets: TicketStore;
  readonly passes: Passes;
  readonly invitationAddress: (token: string) => string;
  readonly form: RequestHandler;
};

const BY = 'operator page';

/**
 * The operator's page of LMSs. The way in is a link that `npm run platforms -- page` prints: good once, for ten minutes;
 * opening it asks, so that a preview does not use it up.
 */
export function operatorPages(deps: OperatorPagesDeps): Router {
  const { actions, passes, form } = deps;
  const router = Router();
  router.get(PATHS.operatorEnter, (req, res) => {
    const ticket = readFields(req).get('ticket') ?? '';
    page(res, 'lti/operator/enter', { action: PATHS.operatorEnter, ticket });
  });
  router.post(PATHS.operatorEnter, form, async (req, res) => {
    const taken = await deps.tickets.take('operator', readFields(req).get('ticket') ?? '');
    if (taken === null) throw new AppError(401, 'operator_link');
    passes.give(res);
    res.redirect(303, PATHS.operator);
  });
  router.get(PATHS.operator, async (req, res) => {
    await list(deps, res, passOf(deps, req));
  });
  const act = (path: string, work: (id: string, req: Request, res: Response) => Promise<unknown>): void => {
    router.post(`${PATHS.operator}${path}`, form, async (req, res) => {
      requireForm(passOf(deps, req), readFields(req).get('_csrf') ?? '');
      await work(String(req.params['id'] ?? ''), req, res);
      if (!res.headersSent) res.redirect(303, PATHS.operator);
    });
  };
  act('/invite', async (_id, req, res) => {
    const { token, expiresAt } = await actions.invite(BY, readFields(req).get('for') ?? null);
    page(res, 'lti/operator/invited', {
      link: deps.invitationAddress(token),
      until: expiresAt,
      back: PATHS.operator,
    });
  });
  act('/leave', (_id, _req, res) => {
    passes.take(res);
    return Promise.resolve();
  });
  act('/:id/disable', (id) => actions.setState(BY, id, 'disabled'));
  act('/:id/enable', (id) => actions.setState(BY, id, 'active'));
  act('/:id/rotate', (id) => actions.rotateKey(BY, id, false));
  return router;
}

async function list(deps: OperatorPagesDeps, res: Response, csrf: string): Promise<void> {
  const [platforms, health] = await Promise.all([deps.platforms.list(), deps.health.list()]);
  page(res, 'lti/operator/list', {
    csrf,
    base: PATHS.operator,
    platforms: platforms.map((platform) => ({
      ...platform,
      software: profileOf(platform.family).name,
      health: health.get(platform.id) ?? null,
    })),
  });
}

/** The token for this pass's forms. @throws AppError 401 operator_link */
function passOf({ passes }: OperatorPagesDeps, req: Request): string {
  const token = passes.formTokenOf(req);
  if (token === null) throw new AppError(401, 'operator_link');
  return token;
}

function requireForm(wanted: string, sent: string): void {
  const [one, two] = [Buffer.from(wanted), Buffer.from(sent)];
  if (one.length !== two.length || !timingSafeEqual(one, two)) throw new Forbidden('form_outdated');
}
