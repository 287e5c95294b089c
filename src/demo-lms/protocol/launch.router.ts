import express, { type Request, type Response, Router } from 'express';
import type { Lms } from '../lms.ts';
import { fieldOf, SiteRefusal, visitOf } from '../site/visits.ts';
import { takeDeepLinks } from './deep-linking.ts';
import { authorize } from './launching.ts';

/** The authorization endpoint, which posts launches to the tool, and where deep linking answers arrive. */
export function launchRouter(lms: Lms): Router {
  const router = Router();
  const form = express.urlencoded({ extended: false, limit: '500kb' });
  const answer = async (query: unknown, res: Response): Promise<void> => {
    const launch = await authorize(
      lms,
      (query ?? {}) as Record<string, unknown>,
      visitOf(res)?.session ?? null,
    );
    res.locals['formOrigins'] = [new URL(launch.action).origin];
    res.set('cache-control', 'no-store').render('post', launch);
  };
  router.get('/auth', (req, res) => answer(req.query, res));
  router.post('/auth', form, (req, res) => answer(req.body, res));
  router.post('/deep-links', form, async (req: Request, res) => {
    const added = await takeDeepLinks(lms, fieldOf(req, 'ticket'), fieldOf(req, 'JWT', 400_000));
    if (added === null) throw new SiteRefusal(400, 'deep_link_unfit');
    res.render('link-added', added);
  });
  return router;
}
