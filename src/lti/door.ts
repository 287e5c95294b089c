import { createHmac } from 'node:crypto';
import express, { Router, type ErrorRequestHandler, type RequestHandler } from 'express';
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import type { Database } from '../database/index.ts';
import { AppError, BadRequest } from '../errors.ts';
import { PATHS } from './addresses.ts';
import { choiceHandler } from './deep-linking/handler.ts';
import type { Links } from './deep-linking/offer.ts';
import type { OnLaunch } from './enter.ts';
import { createHealthStore, type HealthStore } from './health.store.ts';
import { createKeySets } from './key-sets.ts';
import { loginHandler } from './login.ts';
import { createLoginStore } from './logins.store.ts';
import { createLtijs } from './ltijs/provider.ts';
import { createOperatorActions, type OperatorActions } from './operator/actions.ts';
import { operatorPages } from './operator/pages.ts';
import { createPasses } from './operator/pass.ts';
import { createOperatorLogStore, type OperatorLogStore } from './operator-log.store.ts';
import { createPlatformStore, type PlatformStore, type SigningKey } from './platforms.store.ts';
import { proofHandler } from './prove.ts';
import { launchHandler } from './receive-launch.ts';
import { canvasConfiguration } from './registration/canvas.ts';
import { invitationPath, registrationHandler, registrationPage } from './registration/handler.ts';
import { createInvitationStore, type InvitationStore } from './registration/invitations.store.ts';
import { addressLimit } from '../web/rate-limits.ts';
import { safeFetch } from './safe-fetch.ts';
import { createTicketStore } from './tickets.store.ts';

export type DoorDeps = {
  readonly config: Config;
  readonly database: Database;
  readonly log: Logger;
  readonly clock: () => Date;
  readonly onLaunch: OnLaunch;
  /** What staff may place into a course. */
  readonly links: Links;
  /** Ends all sessions that launches of a platform opened; answers how many. */
  readonly endSessions: (platformId: string) => Promise<number>;
};

/** The LMS's way in: everything under /lti, and what the service client needs of it. */
export type Door = {
  /** Answers /lti/login, /lti/launch, /lti/keys and /lti/register; every other address passes through. */
  readonly app: Router;
  readonly platforms: PlatformStore;
  readonly invitations: InvitationStore;
  readonly health: HealthStore;
  readonly operatorLog: OperatorLogStore;
  readonly operator: OperatorActions;
  /** A link into the operator's page, good once, for ten minutes. */
  operatorLink(): Promise<string>;
  /** Key id and private key for client assertions to this platform. */
  signingKey(platformId: string): Promise<SigningKey>;
  /** Deletes what has expired (logins, tickets, invitations, keys), answers how many; the door does so itself every ten minutes. */
  sweep(): Promise<number>;
  close(): Promise<void>;
};

const SWEEP_EVERY_MS = 10 * 60_000;
const OPERATOR_LINK_MS = 10 * 60_000;

/** Builds the door. ltijs is one part of it, asked in private (ltijs/provider.ts); the guard stands in front. */
export function createDoor({
  config,
  database,
  log,
  clock,
  onLaunch,
  links,
  endSessions,
}: DoorDeps): Promise<Door> {
  const platforms = createPlatformStore(
    database,
    { current: config.encryptionKey, previous: [config.previousEncryptionKey].filter((key) => key !== null) },
    clock,
  );
  const logins = createLoginStore(database, clock);
  const tickets = createTicketStore(database, clock);
  const health = createHealthStore(database, clock, log);
  const operatorLog = createOperatorLogStore(database, clock);
  const invitations = createInvitationStore(database, clock);
  const operator = createOperatorActions({ platforms, invitations, operatorLog, endSessions });
  const ltijs = createLtijs(createHmac('sha256', config.encryptionKey).update('ltijs').digest('hex'));
  const { publicUrl, allowPrivateNetwork } = config;
  const keySets = createKeySets(
    (address) => fetchKeySet(address, allowPrivateNetwork),
    () => clock().getTime(),
  );

  const form = express.urlencoded({ extended: false, limit: '256kb', parameterLimit: 100 });
  const login = loginHandler({ publicUrl, allowPrivateNetwork, ltijs, logins, platforms });
  const launching = {
    origin: publicUrl,
    roles: config.lti.roles,
    allowPrivateNetwork,
    keySets,
    clock,
    ltijs,
    logins,
    tickets,
    platforms,
    health,
    log,
    onLaunch,
    links,
  };
  const registering = { config, platforms, invitations, operatorLog, log };

  const app = Router();
  app.use('/lti', noStore);
  app.use([PATHS.login, PATHS.launch, PATHS.deepLink], addressLimit(3_000, 60));
  app.use([PATHS.register, PATHS.operator], addressLimit(60, 600));
  app.get(PATHS.login, login);
  app.post(PATHS.login, form, login);
  app.post(PATHS.launch, form, launchHandler(launching));
  app.post(PATHS.proof, form, proofHandler(launching));
  app.post(PATHS.deepLink, form, choiceHandler(launching));
  app.get([PATHS.launch, PATHS.proof, PATHS.deepLink], openFromCourse);
  app.get(PATHS.keys, keysHandler(platforms));
  app.get(PATHS.register, registrationPage(registering));
  app.post(PATHS.register, form, registrationHandler(registering));
  app.get(PATHS.canvas, (_req, res) => void res.json(canvasConfiguration(config)));
  app.use(
    operatorPages({
      actions: operator,
      platforms,
      health,
      tickets,
      passes: createPasses(config.sessionSecret, clock),
      invitationAddress: (token) => publicUrl + invitationPath(token),
      form,
    }),
  );
  app.use('/lti', unreadableForm);
  const sweep = async () =>
    (await logins.sweep()) +
    (await tickets.sweep()) +
    (await invitations.sweep()) +
    (await platforms.retireKeys());
  const sweeping = setInterval(() => {
    sweep().catch((error: unknown) => log.warn({ err: error }, 'sweep of logins failed'));
  }, SWEEP_EVERY_MS).unref();
  return Promise.resolve({
    app,
    platforms,
    invitations,
    health,
    operatorLog,
    operator,
    operatorLink: async () =>
      `${publicUrl}${PATHS.operatorEnter}?ticket=${await tickets.issue('operator', {}, OPERATOR_LINK_MS)}`,
    signingKey: (platformId) => platforms.signingKey(platformId),
    sweep,
    close() {
      clearInterval(sweeping);
      return Promise.resolve();
    },
  });
}

/** A key set in limited time and size, so that a platform whose address hangs slows its own launches alone. */
async function fetchKeySet(address: string, allowPrivateNetwork: boolean): Promise<string> {
  const answer = await safeFetch(address, {
    allowPrivateNetwork,
    timeoutMs: 5_000,
    maxBytes: 512_000,
    headers: { accept: 'application/json' },
  });
  if (answer.status !== 200) throw new Error(`Key set answered ${answer.status}.`);
  return answer.text;
}

const noStore: RequestHandler = (_req, res, next) => {
  res.set('cache-control', 'no-store');
  next();
};

/** A bookmarked or shared launch address. */
const openFromCourse: RequestHandler = (_req, _res, next) => {
  next(new BadRequest('lti_open_from_course'));
};

function keysHandler(platforms: PlatformStore): RequestHandler {
  return async (_req, res) => {
    const keys = await platforms.publicKeys();
    res.set('cache-control', 'public, max-age=300').json({ keys });
  };
}

/** What the form parser refuses (size, number of fields, charset) is a refusal like the others. */
const unreadableForm: ErrorRequestHandler = (error: unknown, _req, _res, next) => {
  const status = error instanceof Error && 'status' in error ? Number(error.status) : 500;
  const theirs = !(error instanceof AppError) && status >= 400 && status < 500;
  next(theirs ? new AppError(status, 'lti_request_malformed') : error);
};
