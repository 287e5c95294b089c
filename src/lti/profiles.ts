/** What is particular about a platform's software; everything else follows the standard. */
export type Profile = {
  /** As people call it. */
  readonly name: string;
  /** Values of product_family_code, in lower case without spaces. */
  readonly families: readonly string[];
  /** Issuers that many institutions share; there (issuer, client_id) tells one registration. */
  readonly sharedIssuers: readonly string[];
  /** Where a shared issuer's pages and services are, as `host` or `*.domain`: not on the issuer's host. */
  readonly cloudHosts: readonly string[];
  /**
   * Whether it keeps data for tools (lti-pm-s): `told`, it says so by lti_storage_target; `probe`, it may without
   * saying so, and has to be asked.
   */
  readonly storage: 'told' | 'probe';
  /** `aud` of client assertions where it is not the token URL. */
  readonly tokenAudience: string | null;
  /** Placements of its own are told to it alone. */
  readonly placements: 'standard' | 'canvas';
  /**
   * How one person's result is asked for: by `user_id` in the query as AGS 3.4 says, or in the path, where a query is not
   * looked at and `/results` alone is not found (xblock-lti-consumer, `results/(?P<user_id>[^/.]+)?`).
   */
  readonly results: 'query' | 'path';
  /** What its administrator has to do once the tool is registered: a key of words below lti:registered. */
  readonly afterwards: 'activate' | 'switch_on' | 'deploy' | 'approve' | null;
};

const STANDARD: Profile = {
  name: 'LTI 1.3',
  families: [],
  sharedIssuers: [],
  cloudHosts: [],
  storage: 'told',
  tokenAudience: null,
  placements: 'standard',
  results: 'query',
  afterwards: null,
};

/** Quirks by platform, as its source, its documentation or a running one shows them (docs/decisions/0010-the-door.md). */
const PROFILES: readonly Profile[] = [
  { ...STANDARD, name: 'Moodle', families: ['moodle'], afterwards: 'activate' },
  {
    ...STANDARD,
    name: 'Canvas',
    families: ['canvas'],
    sharedIssuers: [
      'https://canvas.instructure.com',
      'https://canvas.beta.instructure.com',
      'https://canvas.test.instructure.com',
    ],
    cloudHosts: ['*.instructure.com'],
    placements: 'canvas',
    afterwards: 'switch_on',
  },
  { ...STANDARD, name: 'Open edX', families: ['openedx', 'open_edx', 'edx'], results: 'path' },
  {
    ...STANDARD,
    name: 'Blackboard',
    families: ['blackboardlearn', 'blackboard'],
    sharedIssuers: ['https://blackboard.com'],
    cloudHosts: ['*.blackboard.com'],
    // Its frame is lti_storage_frame, which no login names.
    storage: 'probe',
    afterwards: 'approve',
  },
  {
    ...STANDARD,
    name: 'Brightspace',
    families: ['desire2learn', 'd2l', 'brightspace'],
    tokenAudience: 'https://api.brightspace.com/auth/token',
    afterwards: 'deploy',
  },
  {
    ...STANDARD,
    name: 'Schoology',
    families: ['schoology'],
    sharedIssuers: ['https://schoology.schoology.com'],
    cloudHosts: ['*.schoology.com'],
  },
  { ...STANDARD, name: 'Sakai', families: ['sakai'] },
];

/** The profile of a product family; the standard's where it is not known. */
export function profileOf(family: string): Profile {
  return PROFILES.find(({ families }) => families.includes(family)) ?? STANDARD;
}

/** What product family an issuer belongs to, for platforms that are entered by hand; `unknown` where it does not show. */
export function familyOfIssuer(issuer: string): string {
  const profile = PROFILES.find(({ sharedIssuers }) => sharedIssuers.includes(issuer));
  return profile?.families[0] ?? 'unknown';
}
