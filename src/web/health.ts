import { Router } from 'express';
import type { Database } from '../database/index.ts';

/** /healthz: the process lives. /readyz: it can serve, so the database answers. For probes, without cookies. */
export function healthRouter(database: Database): Router {
  const router = Router();
  router.get('/healthz', (_req, res) => {
    res.set('cache-control', 'no-store').json({ status: 'ok' });
  });
  router.get('/readyz', async (_req, res) => {
    const up = await database.ping().then(
      () => true,
      () => false,
    );
    res
      .status(up ? 200 : 503)
      .set('cache-control', 'no-store')
      .json({ status: up ? 'ok' : 'database away' });
  });
  return router;
}
