import { IANAZone } from 'luxon';
import { z } from 'zod';
import type { LtiConfig } from '../config.ts';
import { localeOf } from '../web/locale.ts';
import { CLAIM, type Claims, isId } from './claims.ts';
import { isPinned } from './hosts.ts';
import { isTestUser, rolesToLtiRole } from './roles.ts';
import { isSafeUrl } from './safe-fetch.ts';
import type { Platform } from './platforms.ts';
import type { CourseServices, Launch } from './types.ts';

const LONGEST = 255;
/** Custom values may hold lists of ids ($Context.id.history); more than this is nobody's setting. */
const LONGEST_CUSTOM = 4000;
const MOST_CUSTOM = 100;

/** Text of a claim; anything else, blank text included, is absent (Canvas sends "" and null). */
const text = z
  .unknown()
  .transform((value) => (typeof value === 'string' ? printable(value).slice(0, LONGEST).trim() : ''))
  .transform((value) => (value === '' || isUnresolved(value) ? null : value));
const anyObject = z.record(z.string(), z.unknown()).catch({});
const strings = z
  .unknown()
  .transform((value) => (Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []));
/** LTI Core 1.3, 5.4.4. */
const presentation = z.object({ locale: text, return_url: z.unknown() }).partial().catch({});
/** LTI Core 1.3, 5.4.1 */
const context = z.object({ id: z.string(), title: text, label: text }).partial({ title: true, label: true });

export type ReadingRules = {
  readonly roles: LtiConfig['roles'];
  readonly allowPrivateNetwork: boolean;
};

/**
 * Reads a launch from claims that passed every check. What a platform left out, left unresolved (`$Person…`) or
 * sent in an odd shape is null.
 */
export function parseLaunch(claims: Claims, platform: Platform, rules: ReadingRules): Launch {
  const roles = strings.parse(claims[CLAIM.roles]);
  const shown = presentation.parse(claims[CLAIM.launchPresentation] ?? {});
  const custom = parseCustom(claims[CLAIM.custom]);
  return {
    platformId: platform.id,
    deploymentId: z.string().parse(claims[CLAIM.deploymentId]),
    messageType: z.enum(['LtiResourceLinkRequest', 'LtiDeepLinkingRequest']).parse(claims[CLAIM.messageType]),
    context: parseContext(claims[CLAIM.context]),
    person: parsePerson(claims),
    role: rolesToLtiRole(roles, rules.roles),
    testUser: isTestUser(roles),
    resourceLinkId: parseResourceLinkId(claims[CLAIM.resourceLink]),
    targetLinkUri: z.string().catch('').parse(claims[CLAIM.targetLinkUri]),
    opens: parseOpens(claims[CLAIM.targetLinkUri]),
    custom,
    services: parseServices(claims, platform, rules),
    locale: localeOf(text.parse(claims['locale']) ?? '') ?? localeOf(shown.locale ?? ''),
    timeZone: zoneOf([claims['zoneinfo'], custom['timezone']]),
    returnUrl: parseAddress(shown.return_url, rules),
  };
}

/** Cuts what cannot be printed or stored: control characters and halves of a surrogate pair. */
function printable(value: string): string {
  return value.replace(/[\p{Cc}\p{Cs}]/gu, ' ');
}

/** A custom variable the platform does not know arrives as it was asked for: `$Person.sourcedId`. */
function isUnresolved(value: string): boolean {
  return /^\$[A-Z]/.test(value);
}

function parseContext(claim: unknown): Launch['context'] {
  if (claim === undefined || claim === null) return null;
  const { id, title, label } = context.parse(claim);
  return { id, title: title ?? null, label: label ?? null };
}

function parsePerson(claims: Claims): Launch['person'] {
  return {
    sub: z.string().parse(claims['sub']),
    name: text.parse(claims['name']),
    givenName: text.parse(claims['given_name']),
    familyName: text.parse(claims['family_name']),
    email: text.parse(claims['email']),
  };
}

function parseResourceLinkId(claim: unknown): string | null {
  const id = anyObject.parse(claim)['id'];
  return isId(id) ? id : null;
}

/** A path of ours; which ones there are is the house's to say. */
function parseOpens(target: unknown): string | null {
  if (typeof target !== 'string' || !URL.canParse(target)) return null;
  const path = new URL(target).searchParams.get('open') ?? '';
  return /^\/[\w/-]{1,100}$/.test(path) ? path : null;
}

function parseCustom(claim: unknown): Record<string, string> {
  const entries = Object.entries(anyObject.parse(claim ?? {}))
    .filter((entry): entry is [string, string] => typeof entry[1] === 'string')
    .filter(([name, value]) => /^[\w.:-]{1,100}$/.test(name) && name !== '__proto__' && !isUnresolved(value))
    .slice(0, MOST_CUSTOM);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, printable(value).slice(0, LONGEST_CUSTOM).trim()]),
  );
}

/** A service is taken only where the registration pinned its host: our bearer tokens go there. */
function parseServices(claims: Claims, platform: Platform, rules: ReadingRules): CourseServices {
  const roster = anyObject.parse(claims[CLAIM.rosterService] ?? {});
  const grades = anyObject.parse(claims[CLAIM.gradeService] ?? {});
  const pinned = (value: unknown): string | null => {
    const address = parseAddress(value, rules);
    return address !== null && isPinned(platform, address) ? address : null;
  };
  return {
    membershipsUrl: pinned(roster['context_memberships_url']),
    lineItemsUrl: pinned(grades['lineitems']),
    lineItemUrl: pinned(grades['lineitem']),
    scopes: strings.parse(grades['scope']).filter((scope) => scope.length <= LONGEST),
  };
}

function parseAddress(value: unknown, rules: ReadingRules): string | null {
  if (typeof value !== 'string' || value.length > 4000) return null;
  return isSafeUrl(value, rules.allowPrivateNetwork) ? value : null;
}

/** The first valid zone; Moodle sends "99" for "the server's zone", which is none. */
function zoneOf(candidates: readonly unknown[]): string | null {
  const zone = candidates.find(
    (one): one is string => typeof one === 'string' && one.length <= 64 && IANAZone.isValidZone(one),
  );
  return zone ?? null;
}
