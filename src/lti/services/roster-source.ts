import { z } from 'zod';
import type { LtiConfig } from '../../config.ts';
import { isTestUser, rolesToLtiRole } from '../roles.ts';
import { ServiceError } from '../service-error.ts';
import type { RosterMember, RosterSource } from '../types.ts';
import { linkOf } from './links.ts';
import type { ServiceClient } from './service-client.ts';
import { parseJson } from './tokens.ts';

const SCOPE = 'https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly';
/** Alone: a composite Accept is a 400 on Moodle. */
const MEDIA_TYPE = 'application/vnd.ims.lti-nrps.v2.membershipcontainer+json';
/** 300,000 people at 50 a page. */
const MOST_PAGES = 6_000;

const text = z.string().nullish();
/** https://www.imsglobal.org/spec/lti-nrps/v2p0/#membership-container-media-type */
const Container = z.object({
  members: z.array(
    z.object({
      user_id: z.union([z.string(), z.number()]).transform(String),
      roles: z.array(z.string()).catch([]),
      status: text,
      name: text,
      given_name: text,
      family_name: text,
      email: text,
    }),
  ),
});

/** NRPS v2, page by page; a roster that may be short is an error. */
export function createRosterSource(client: ServiceClient, roles: LtiConfig['roles']): RosterSource {
  return {
    async *members(platformId, membershipsUrl, { signal } = {}) {
      const origin = new URL(membershipsUrl).origin;
      const seen = new Set<string>();
      let lastIds = '';
      let url: string | null = membershipsUrl;
      for (let pages = 0; url !== null; pages += 1) {
        if (pages >= MOST_PAGES) throw new ServiceError('permanent', 'roster_too_many_pages');
        if (seen.has(url)) throw new ServiceError('permanent', 'roster_repeats');
        seen.add(url);
        const answer = await client.call(platformId, { url, scopes: [SCOPE], accept: MEDIA_TYPE, signal });
        const container = Container.safeParse(parseJson(answer.text));
        if (!container.success)
          throw new ServiceError('permanent', 'roster_malformed', { status: answer.status });
        const { members } = container.data;
        const ids = members.map(({ user_id: id }) => id).join('\n');
        // Schoology's next page may be the page itself under another address: what came is the whole roster.
        if (pages > 0 && ids === lastIds && ids !== '') return;
        lastIds = ids;
        yield members.map((member) => memberOf(member, roles));
        url = nextOf(answer.headers['link'], url, origin);
      }
    },
  };
}

/** Followed as given, but on the roster's own origin alone: a bearer token goes along. */
function nextOf(header: string | undefined, here: string, origin: string): string | null {
  const link = linkOf(header, 'next');
  if (link === null || link === '') return null;
  if (!URL.canParse(link, here)) throw new ServiceError('permanent', 'roster_malformed');
  const next = new URL(link, here);
  if (next.origin !== origin) throw new ServiceError('permanent', 'roster_next_foreign');
  return next.href;
}

function memberOf(
  member: z.infer<typeof Container>['members'][number],
  roles: LtiConfig['roles'],
): RosterMember {
  const given = clean(member.given_name);
  const family = clean(member.family_name);
  const status = (member.status ?? 'Active').toLowerCase();
  return {
    sub: member.user_id,
    role: rolesToLtiRole(member.roles, roles),
    testUser: isTestUser(member.roles),
    status: status === 'active' ? 'active' : status === 'deleted' ? 'deleted' : 'inactive',
    name: clean(member.name) ?? ([given, family].filter((part) => part !== null).join(' ') || null),
    givenName: given,
    familyName: family,
    email: clean(member.email),
  };
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Moodle escapes names for HTML: decoded once, so that "O&#039;Neil" reads as it is written. */
function clean(value: string | null | undefined): string | null {
  const decoded = (value ?? '')
    .replace(
      /&(?:#(\d{1,6})|#x([\da-f]{1,5})|(amp|lt|gt|quot|apos));/gi,
      (whole, decimal?: string, hex?: string, name?: string) => {
        if (name !== undefined) return ENTITIES[name.toLowerCase()] ?? whole;
        const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
        return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
      },
    )
    .replace(/\p{C}+/gu, ' ')
    .trim()
    .slice(0, 255);
  return decoded === '' ? null : decoded;
}
