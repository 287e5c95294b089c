import path from 'node:path';
import compression from 'compression';
import express, { type Express, Router } from 'express';
import { PROJECT_ROOT } from './config.ts';
import { PATHS } from './lti/addresses.ts';
import type { Services } from './services.ts';
import { createAssets } from './web/assets.ts';
import { failurePage, nothingHere } from './web/failure.ts';
import { securityHeaders } from './web/headers.ts';
import { healthRouter } from './web/health.ts';
import { multipart } from './web/multipart.ts';
import { page, type Pages } from './web/page.ts';
import { personLimit } from './web/rate-limits.ts';
import { requestLog } from './web/request-log.ts';
import { csrfGuard, sessionGuard, signOut } from './web/session.ts';
import { allow } from './web/routing.ts';
import { readWords } from './web/words.ts';

/** The app, read top to bottom: what every request passes, then the door, then the rooms, then what is left. */
export async function createApp(services: Services): Promise<Express> {
  const { config, database, log, door, rooms } = services;
  const assets = createAssets(PROJECT_ROOT);
  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  app.set('trust proxy', config.trustedProxies);
  app.locals['pages'] = {
    views: path.join(PROJECT_ROOT, 'views'),
    words: await readWords(path.join(PROJECT_ROOT, 'locales')),
    asset: (name) => assets.address(name),
    menu: () => rooms.flatMap(({ navigation }) => navigation),
  } satisfies Pages;

  app.use(healthRouter(database));
  app.use(requestLog(log));
  app.use(securityHeaders(config.publicUrl));
  app.use(compression());
  app.use(assets.router);
  app.get('/', (_req, res) => page(res, 'web/start', { installAt: PATHS.register }));
  app.use(door.app);
  app.use('/l/:launchId', courseRouter(services));
  app.use(nothingHere);
  app.use(failurePage(log));
  return app;
}

/** Everything below a launch: who is here, how much, with whose form; then the rooms. */
export function courseRouter({
  sessions,
  visitors,
  rooms,
}: Pick<Services, 'sessions' | 'visitors' | 'rooms'>): Router {
  const course = Router({ mergeParams: true });
  course.use(sessionGuard(sessions, visitors));
  course.use(personLimit(240, 60));
  course.use(express.urlencoded({ extended: false, limit: '3mb', parameterLimit: 2_000 }));
  course.use(multipart);
  course.use(csrfGuard);
  course.post('/sign-out', allow('manager', 'mentor', 'fellow', 'visitor'), signOut(sessions));
  for (const { router } of rooms) course.use(router);
  return course;
}
