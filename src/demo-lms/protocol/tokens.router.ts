import express, { Router } from 'express';
import type { Lms } from '../lms.ts';
import { giveToken, TokenRefusal } from './tokens.ts';

/** The LMS's public keys, and access tokens for its services. */
export function tokensRouter(lms: Lms): Router {
  const router = Router();
  router.get('/keys', lms.behaviour.guard('keys'), async (_req, res) => {
    const keys = await lms.store.keys.find({}).toArray();
    res.json({ keys: keys.map(({ publicJwk }) => publicJwk) });
  });
  router.post(
    '/token',
    lms.behaviour.guard('token'),
    express.urlencoded({ extended: false }),
    async (req, res) => {
      try {
        const body = (req.body ?? {}) as Record<string, unknown>;
        res.set('cache-control', 'no-store').json(await giveToken(lms, body));
      } catch (error) {
        if (!(error instanceof TokenRefusal)) throw error;
        res.status(error.status).json({ error: error.message });
      }
    },
  );
  return router;
}
