import type { RequestHandler, Response } from 'express';
import type { Logger } from 'pino';
import type { Config } from '../../config.ts';
import { AppError, BadRequest, Forbidden } from '../../errors.ts';
import { page } from '../../web/page.ts';
import { PATHS } from '../addresses.ts';
import { allowFrames } from '../frames.ts';
import type { Platform } from '../platforms.ts';
import { familyOfIssuer, profileOf } from '../profiles.ts';
import type { OperatorLogStore } from '../operator-log.store.ts';
import { readFields } from '../request-fields.ts';
import type { InvitationStore } from './invitations.store.ts';
import { manualModel } from './manual.ts';
import { registerPlatform, type RegistrationDeps } from './register.ts';

export type RegistrationHandlerDeps = RegistrationDeps & {
  readonly config: Pick<Config, 'publicUrl' | 'lti' | 'allowPrivateNetwork' | 'registration'>;
  readonly invitations: InvitationStore;
  readonly operatorLog: OperatorLogStore;
  readonly log: Logger;
};

type Wish = {
  /** Null where no platform opened the page: a person did. */
  readonly configurationUrl: string | null;
  readonly registrationToken: string | null;
  readonly invitation: string | null;
};

/**
 * Handles GET /lti/register. Opened by a person: the values for an installation by hand, with an invitation the link
 * to give to the platform. Opened by a platform: with an invitation it shows whom it would connect and asks, since
 * what only looks (a chat's link preview) must not use it up; where registration is open to all it goes on at once.
 */
export function registrationPage(deps: RegistrationHandlerDeps): RequestHandler {
  return async (req, res) => {
    const wish = readWish(readFields(req));
    const { configurationUrl, invitation, registrationToken } = wish;
    const invited = invitation === null ? null : await deps.invitations.find(invitation);
    if (invitation !== null && invited === null) throw new Forbidden('lti_invitation_unknown');
    if (configurationUrl === null) {
      const link = invitation === null ? null : deps.config.publicUrl + invitationPath(invitation);
      page(res, 'lti/manual', { ...manualModel(deps.config), link });
      return;
    }
    frameFor(res, configurationUrl);
    if (invitation !== null) {
      const named = invited?.platformId == null ? null : await deps.platforms.find(invited.platformId);
      page(res, 'lti/register', {
        platform: new URL(configurationUrl).host,
        changes: named?.name ?? null,
        action: PATHS.register,
        fields: Object.entries({
          invitation,
          openid_configuration: configurationUrl,
          registration_token: registrationToken ?? '',
        }),
      });
      return;
    }
    if (deps.config.registration !== 'open') throw new Forbidden('lti_registration_closed');
    registered(
      res,
      await registerLogged(deps, configurationUrl, registrationToken, 'open registration', null),
    );
  };
}

/** Handles POST /lti/register: the administrator said yes, and the invitation is used up; not by what came to nothing. */
export function registrationHandler(deps: RegistrationHandlerDeps): RequestHandler {
  return async (req, res) => {
    const { configurationUrl, invitation, registrationToken } = readWish(readFields(req));
    if (configurationUrl === null || invitation === null) throw new BadRequest('lti_request_malformed');
    frameFor(res, configurationUrl);
    const claimed = await deps.invitations.claim(invitation);
    if (claimed === null) throw new Forbidden('lti_invitation_unknown');
    try {
      const { platformId } = claimed;
      const by = 'invitation';
      registered(res, await registerLogged(deps, configurationUrl, registrationToken, by, platformId));
    } catch (error) {
      await deps.invitations.release(invitation);
      throw error;
    }
  };
}

/** The address behind which an invitation waits. */
export function invitationPath(token: string): string {
  return `${PATHS.register}?${new URLSearchParams({ invitation: token }).toString()}`;
}

/** @throws BadRequest when an address is none, or a token could not stand in a header */
function readWish(fields: ReadonlyMap<string, string>): Wish {
  const text = (name: string): string | null => (fields.get(name) ?? '') || null;
  const configurationUrl = text('openid_configuration');
  if (configurationUrl !== null && !isAddress(configurationUrl))
    throw new BadRequest('lti_registration_address');
  const registrationToken = text('registration_token');
  if (registrationToken !== null && !/^[\x21-\x7e]{1,8000}$/.test(registrationToken))
    throw new BadRequest('lti_request_malformed');
  return { configurationUrl, registrationToken, invitation: text('invitation') };
}

function isAddress(text: string): boolean {
  return text.length <= 4000 && /^https?:\/\//.test(text) && URL.canParse(text);
}

/** The page stands in the platform's frame: on the host named, or on a cloud's pages (hosted Canvas). */
function frameFor(res: Response, configurationUrl: string): void {
  const { origin } = new URL(configurationUrl);
  const cloud = profileOf(familyOfIssuer(origin)).cloudHosts.map((host) => `https://${host}`);
  allowFrames(res, { frameOrigins: [origin, ...cloud] });
}

function registered(res: Response, platform: Platform): void {
  allowFrames(res, platform);
  page(res, 'lti/registered', {
    name: platform.name,
    learns: platform.deployments === 'learn',
    afterwards: profileOf(platform.family).afterwards,
  });
}

async function registerLogged(
  deps: RegistrationHandlerDeps,
  configurationUrl: string,
  token: string | null,
  by: 'invitation' | 'open registration',
  changing: string | null,
): Promise<Platform> {
  const { host } = new URL(configurationUrl);
  try {
    const platform = await registerPlatform(deps, configurationUrl, token, changing);
    const { id: platformId, family, clientId } = platform;
    const action = changing === null ? 'register' : 'register anew';
    await deps.operatorLog.note({ by, action, platformId, details: { host, clientId } });
    deps.log.info({ platformId, host, family, changed: changing !== null }, 'platform registered');
    return platform;
  } catch (error) {
    if (error instanceof AppError) deps.log.warn({ reason: error.code, host }, 'registration refused');
    throw error;
  }
}
