import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { keptSecret } from './kept-secret.ts';

/** A setting is missing or senseless; one sentence a line, each naming its setting. */
export class ConfigError extends Error {
  readonly lines: readonly string[];
  constructor(lines: readonly string[]) {
    super(lines.join('\n'));
    this.name = 'ConfigError';
    this.lines = lines;
  }
}

const roleUris = z.array(z.string().min(1));
const LtiConfig = z.object({
  title: z.string().min(1),
  description: z.string(),
  icon: z.string().startsWith('/'),
  messages: z.array(
    z.object({
      type: z.enum(['LtiResourceLinkRequest', 'LtiDeepLinkingRequest']),
      label: z.string(),
      placements: z.array(z.string()),
    }),
  ),
  placements: z.object({ canvas: z.array(z.string()) }),
  scopes: z.array(z.url()),
  claims: z.array(z.string()),
  customParameters: z.record(z.string(), z.string()),
  roles: z.object({ instructor: roleUris, mentor: roleUris, learner: roleUris, administrator: roleUris }),
});
export type LtiConfig = z.infer<typeof LtiConfig>;

const flag = (name: string) =>
  z
    .enum(['true', 'false'], `${name} must be true or false.`)
    .default('false')
    .transform((value) => value === 'true');
const SHORTEST_SECRET = 32;
const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** Environment names are the operator's contract; each message is the sentence printed when the value is unfit. */
const Environment = z.object({
  PORT: z.coerce
    .number('PORT must be a number.')
    .int('PORT must be a whole number.')
    .min(0, 'PORT must be 0 or more.')
    .max(65535, 'PORT must be 65535 or less.')
    .default(3000),
  HOST: z.string().optional(),
  PUBLIC_URL: z.string(
    'PUBLIC_URL is missing: the address people reach the tool at, such as https://peers.example.org.',
  ),
  MONGODB_URI: z
    .string('MONGODB_URI is missing: a mongodb address, or embedded:DIR.')
    .regex(
      /^(mongodb(\+srv)?:\/\/.+|embedded:.+)$/,
      'MONGODB_URI must begin with mongodb://, mongodb+srv:// or embedded: followed by a directory.',
    ),
  SESSION_SECRET: z.string().min(32, 'SESSION_SECRET must have at least 32 characters.').optional(),
  ENCRYPTION_KEY: z.string().min(32, 'ENCRYPTION_KEY must have at least 32 characters.').optional(),
  ENCRYPTION_KEY_PREVIOUS: z
    .string()
    .min(32, 'ENCRYPTION_KEY_PREVIOUS must have at least 32 characters.')
    .optional(),
  LTI_REGISTRATION: z.enum(['invite', 'open'], 'LTI_REGISTRATION must be invite or open.').default('invite'),
  LTI_ALLOW_PRIVATE_NETWORK: flag('LTI_ALLOW_PRIVATE_NETWORK'),
  LTI_OPEN_REGISTRATION_CONFIRMED: flag('LTI_OPEN_REGISTRATION_CONFIRMED'),
  TRUSTED_PROXIES: z.coerce
    .number('TRUSTED_PROXIES must be a number.')
    .int('TRUSTED_PROXIES must be a whole number.')
    .min(0, 'TRUSTED_PROXIES must be 0 or more.')
    .max(10, 'TRUSTED_PROXIES must be 10 or less.')
    .optional(),
  LOG_LEVEL: z
    .enum(
      ['fatal', 'error', 'warn', 'info', 'debug', 'silent'],
      'LOG_LEVEL must be fatal, error, warn, info, debug or silent.',
    )
    .default('info'),
});

/** Everything the house may know of its surroundings: frozen, checked, made once. */
export type Config = {
  readonly port: number;
  /** Interface to listen on; loopback when PUBLIC_URL is loopback, so that a demo is never on the network. */
  readonly host: string;
  /** Origin people reach the tool at, without a trailing slash. */
  readonly publicUrl: string;
  readonly mongodbUri: string;
  readonly sessionSecret: string;
  /** 32 bytes, from ENCRYPTION_KEY by SHA-256. */
  readonly encryptionKey: Buffer;
  /** The ENCRYPTION_KEY before the last rotation, while something may still be sealed with it. */
  readonly previousEncryptionKey: Buffer | null;
  readonly registration: 'invite' | 'open';
  readonly allowPrivateNetwork: boolean;
  /** Proxies in front whose word on the sender's address is believed; with https there is one at least. */
  readonly trustedProxies: number;
  readonly logLevel: string;
  /** Unpacked helpers of the embedded engine; safe to delete. */
  readonly cacheDirectory: string;
  readonly lti: LtiConfig;
};

/** The project's folder: views, locales and lti-config.json lie here, for src/ and for dist/ alike. */
export const PROJECT_ROOT = path.resolve(import.meta.dirname, '..');

/**
 * Reads and checks the environment and lti-config.json.
 * With `embedded:DIR`, secrets that are not set are made once and kept in DIR, mode 0600.
 * @throws ConfigError with one sentence for each finding.
 */
export function readConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  const blankIsUnset = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = Environment.safeParse(blankIsUnset);
  const findings = parsed.success ? [] : parsed.error.issues.map((issue) => sentence(issue));
  // Also where another setting is unfit, so that a start fails once for all that is wrong.
  const url = publicUrlOf(blankIsUnset['PUBLIC_URL'], findings);
  const loopback = url !== null && LOOPBACK.test(url.hostname);
  if (url !== null && !loopback) requireConfirmed(blankIsUnset, findings);
  const secrets = secretsOf(blankIsUnset, findings);
  if (!parsed.success || url === null || findings.length > 0) throw new ConfigError(findings);
  const env = parsed.data;
  return Object.freeze({
    port: env.PORT,
    host: env.HOST ?? (loopback ? '127.0.0.1' : '0.0.0.0'),
    publicUrl: url.origin,
    mongodbUri: env.MONGODB_URI,
    sessionSecret: secrets.session,
    encryptionKey: encryptionKeyOf(secrets.encryption),
    previousEncryptionKey:
      env.ENCRYPTION_KEY_PREVIOUS === undefined ? null : encryptionKeyOf(env.ENCRYPTION_KEY_PREVIOUS),
    registration: env.LTI_REGISTRATION,
    allowPrivateNetwork: env.LTI_ALLOW_PRIVATE_NETWORK,
    trustedProxies: env.TRUSTED_PROXIES ?? (url.protocol === 'https:' ? 1 : 0),
    logLevel: env.LOG_LEVEL,
    cacheDirectory: path.join(PROJECT_ROOT, '.cache'),
    lti: readLtiConfig(),
  });
}

function sentence(issue: z.core.$ZodIssue): string {
  const name = issue.path.join('.');
  return issue.message.startsWith(name) ? issue.message : `${name}: ${issue.message}.`;
}

/** Null where it is missing, which has its finding already, or is none. */
function publicUrlOf(text: string | undefined, findings: string[]): URL | null {
  if (text === undefined) return null;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    findings.push('PUBLIC_URL must be an http or https address.');
    return null;
  }
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '' || url.username !== '') {
    findings.push('PUBLIC_URL must be an origin alone, without a path, query or user name.');
  }
  if (url.protocol === 'http:' && !LOOPBACK.test(url.hostname)) {
    findings.push(
      'PUBLIC_URL must be https unless it is localhost: browsers drop the session cookie otherwise.',
    );
  }
  return url;
}

/** Open registration on a public address may be an oversight. */
function requireConfirmed(given: NodeJS.ProcessEnv, findings: string[]): void {
  const { LTI_REGISTRATION: registration, LTI_OPEN_REGISTRATION_CONFIRMED: confirmed = 'false' } = given;
  if (registration === 'open' && confirmed === 'false')
    findings.push(
      'LTI_REGISTRATION=open lets anyone register a platform: set LTI_OPEN_REGISTRATION_CONFIRMED=true if that is meant.',
    );
}

function encryptionKeyOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

type Secrets = { session: string; encryption: string };

/** Which secrets are needed hangs on the database: where that is not known, none is missed. */
function secretsOf(given: NodeJS.ProcessEnv, findings: string[]): Secrets {
  const uri = Environment.shape.MONGODB_URI.safeParse(given['MONGODB_URI']);
  if (!uri.success) return { session: '', encryption: '' };
  const directory = /^embedded:(.+)$/.exec(uri.data)?.[1];
  const secret = (name: 'SESSION_SECRET' | 'ENCRYPTION_KEY'): string => {
    const set = given[name];
    if (set !== undefined) return set;
    if (directory !== undefined) {
      const { file, secret: kept } = keptSecret(path.resolve(directory), name);
      if (kept.length < SHORTEST_SECRET)
        findings.push(
          `${name} is not set, and what is kept in ${file} is no secret: restore that file, or set ${name}.`,
        );
      return kept;
    }
    findings.push(`${name} is missing: at least 32 random characters, the same for every process.`);
    return '';
  };
  return { session: secret('SESSION_SECRET'), encryption: secret('ENCRYPTION_KEY') };
}

function readLtiConfig(): LtiConfig {
  const parsed = LtiConfig.safeParse(
    JSON.parse(readFileSync(path.join(PROJECT_ROOT, 'lti-config.json'), 'utf8')),
  );
  if (!parsed.success) {
    throw new ConfigError(
      parsed.error.issues.map((issue) => `lti-config.json, ${issue.path.join('.')}: ${issue.message}.`),
    );
  }
  return parsed.data;
}
