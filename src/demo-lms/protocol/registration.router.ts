import express, { Router } from 'express';
import type { Lms } from '../lms.ts';
import { openidConfiguration, register } from './registration.ts';
import { bearerOf } from './tokens.ts';

/** Dynamic registration, with tokens that work once. */
export function registrationRouter(lms: Lms): Router {
  const router = Router();
  router.get('/.well-known/openid-configuration', (_req, res) => {
    res.json(openidConfiguration(lms.issuer));
  });
  router.post('/register', express.json({ limit: '100kb' }), async (req, res) => {
    if ((await lms.secrets.spend('registration', bearerOf(req))) === null) {
      res.status(401).json({ error: 'invalid_token' });
      return;
    }
    const answer = await register(lms, req.body);
    if (answer === null) res.status(400).json({ error: 'invalid_client_metadata' });
    else res.json(answer);
  });
  return router;
}

const TOKEN_LIFE_MS = 30 * 60_000;

/** The address an administrator opens to install the tool that registers itself there; good once, for half an hour. */
export async function registrationAddress(lms: Lms, registersAt: string, by: string): Promise<string> {
  const url = new URL(registersAt);
  url.searchParams.set('openid_configuration', `${lms.issuer}/.well-known/openid-configuration`);
  url.searchParams.set('registration_token', await lms.secrets.issue('registration', { by }, TOKEN_LIFE_MS));
  return url.href;
}
