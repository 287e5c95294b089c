/** The smallest ltijs app, as its guide builds it: its own database layer, its own session, a page of one line. */
import process from 'node:process';
import { Provider } from 'ltijs';

const { PORT, MONGODB_URI, ISSUER, CLIENT_ID } = process.env;
Provider.setup(
  'bench encryption key, long enough for it',
  // The write concern of the tool: acknowledged from the journal.
  { url: MONGODB_URI, connection: { writeConcern: { w: 1, j: true } } },
  { cookies: { secure: true, sameSite: 'None' }, tokenMaxAge: 300, cors: false },
);
Provider.onConnect((token, req, res) =>
  res.send(`<!doctype html><title>Group</title><p>Hello ${token.userInfo.name}`),
);
await Provider.deploy({ port: Number(PORT), silent: true });
await Provider.registerPlatform({
  url: ISSUER,
  name: 'Bench',
  clientId: CLIENT_ID,
  authenticationEndpoint: `${ISSUER}/auth`,
  accesstokenEndpoint: `${ISSUER}/token`,
  authConfig: { method: 'JWK_SET', key: `${ISSUER}/jwks` },
});
