import type { Config } from '../config.ts';

/** Where platforms find the tool: fixed, for they are written down in every LMS that has it. */
export const PATHS = {
  login: '/lti/login',
  launch: '/lti/launch',
  /** Where a launch is completed by platform storage; the browser alone comes here. */
  proof: '/lti/launch/proof',
  /** Where staff choose what to place; their browser alone comes here. */
  deepLink: '/lti/deep-link',
  /** The operator's page, and the way into it. */
  operator: '/lti/operator',
  operatorEnter: '/lti/operator/enter',
  keys: '/lti/keys',
  register: '/lti/register',
  canvas: '/lti/canvas.json',
} as const;

/** The tool's addresses in full, as a platform's administrator enters them. */
export function toolAddresses({ publicUrl }: Pick<Config, 'publicUrl'>) {
  return {
    login: publicUrl + PATHS.login,
    launch: publicUrl + PATHS.launch,
    keys: publicUrl + PATHS.keys,
    register: publicUrl + PATHS.register,
    domain: new URL(publicUrl).host,
  };
}
