import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { LtiConfig } from '../../config.ts';
import { isTestUser, rolesToLtiRole } from '../roles.ts';
import { ServiceError } from '../service-error.ts';
import type { RosterMember, RosterSource } from '../types.ts';
import { nextPageOf } from './links.ts';
import { decodeOnce } from './plain-text.ts';
import type { ServiceClient } from './service-client.ts';
import { parseJson } from './tokens.ts';

const SCOPE = 'https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly';
/** Alone: a composite Accept is a 400 on Moodle. */
const MEDIA_TYPE = 'application/vnd.ims.lti-nrps.v2.membershipcontainer+json';
/** What a roster may be at most: a platform that never ends must not fill our memory. */
export type RosterLimits = { readonly pages: number; readonly people: number; readonly bytes: number };
/** 300,000 people at 50 a page, and some more. */
export const ROSTER_LIMITS: RosterLimits = { pages: 6_000, people: 400_000, bytes: 400_000_000 };
/** Moodle sends everybody in one answer, which takes it a while: 300,000 people are about 90 MB. */
const PAGE = { timeoutMs: 120_000, maxBytes: 200_000_000 } as const;

const text = z.string().nullish().catch(null);
/** https://www.imsglobal.org/spec/lti-nrps/v2p0/#membership-container-media-type */
const Container = z.object({
  members: z.array(
    z.object({
      user_id: z.union([z.string().min(1), z.number()]).transform(String),
      roles: z.array(z.string()).catch([]),
      status: z.string().nullish().catch('unreadable'),
      name: text,
      given_name: text,
      family_name: text,
      email: text,
    }),
  ),
});
type Member = z.infer<typeof Container>['members'][number];

/** NRPS v2, page by page, each as the platform links it; a roster that may be short is an error. */
export function createRosterSource(
  client: ServiceClient,
  roles: LtiConfig['roles'],
  limits = ROSTER_LIMITS,
): RosterSource {
  return {
    async *members(platformId, membershipsUrl, { signal, deploymentId } = {}) {
      const addresses = new Set<string>();
      const contents = new Set<string>();
      const sizes: number[] = [];
      let url: string | null = membershipsUrl;
      let bytes = 0;
      let count = 0;
      while (url !== null) {
        if (addresses.size >= limits.pages) throw new ServiceError('permanent', 'roster_too_many_pages');
        if (addresses.has(url)) {
          requireWhole(sizes);
          return;
        }
        addresses.add(url);
        const answer = await client.call(platformId, {
          url,
          scopes: [SCOPE],
          accept: MEDIA_TYPE,
          deploymentId,
          signal,
          ...PAGE,
        });
        bytes += Buffer.byteLength(answer.text);
        if (bytes > limits.bytes) throw new ServiceError('permanent', 'roster_too_large');
        const container = Container.safeParse(parseJson(answer.text));
        if (!container.success)
          throw new ServiceError('permanent', 'roster_malformed', { status: answer.status });
        const { members } = container.data;
        count += members.length;
        if (count > limits.people) throw new ServiceError('permanent', 'roster_too_many_people');
        if (members.length > 0) {
          const content = digestOf(members);
          if (contents.has(content)) {
            requireWhole(sizes);
            return;
          }
          contents.add(content);
          sizes.push(members.length);
          yield members.map((member) => memberOf(member, roles));
        }
        url = nextPageOf(answer.headers['link'], url, 'roster');
      }
    },
  };
}

/**
 * At a page that came before: Schoology's last page links to itself. What came is whole where the last page was only
 * partly filled; where it may have been a full one, the platform's paging may be broken and people be missing.
 * @throws ServiceError `roster_repeats`
 */
function requireWhole(sizes: readonly number[]): void {
  const last = sizes.at(-1) ?? 0;
  const full = Math.max(...sizes);
  const partlyFilled = sizes.length > 1 ? last < full : !isPageSize(last);
  if (!partlyFilled) throw new ServiceError('permanent', 'roster_repeats');
}

/** Servers cut pages at such numbers. */
function isPageSize(count: number): boolean {
  return [10, 20, 25].includes(count) || count % 50 === 0;
}

function digestOf(members: readonly Member[]): string {
  const ids = members.map(({ user_id: id }) => id);
  return createHash('sha256').update(JSON.stringify(ids)).digest('base64url');
}

function memberOf(member: Member, roles: LtiConfig['roles']): RosterMember {
  const given = decodeOnce(member.given_name);
  const family = decodeOnce(member.family_name);
  // NRPS 2.3: absent means active; a word we do not know is not taken for it.
  const status = (member.status ?? 'Active').toLowerCase();
  return {
    sub: member.user_id,
    role: rolesToLtiRole(member.roles, roles),
    testUser: isTestUser(member.roles),
    status: status === 'active' ? 'active' : status === 'deleted' ? 'deleted' : 'inactive',
    name: decodeOnce(member.name) ?? ([given, family].filter((part) => part !== null).join(' ') || null),
    givenName: given,
    familyName: family,
    email: decodeOnce(member.email),
  };
}
