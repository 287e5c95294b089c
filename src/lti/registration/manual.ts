import type { Config } from '../../config.ts';
import { PATHS, toolAddresses } from '../addresses.ts';

/** Values to copy, in the order in which LMSs ask for them; `name` is the key of their words. */
export function manualModel(config: Pick<Config, 'publicUrl' | 'lti' | 'registration'>) {
  const addresses = toolAddresses(config);
  const custom = Object.entries(config.lti.customParameters).map(([name, value]) => `${name}=${value}`);
  const registration = { name: 'registration_url', value: addresses.register, lines: 1 };
  return {
    title: config.lti.title,
    open: config.registration === 'open',
    fields: [
      { name: 'tool_url', value: addresses.launch, lines: 1 },
      { name: 'login_url', value: addresses.login, lines: 1 },
      { name: 'redirect_url', value: addresses.launch, lines: 1 },
      { name: 'keys_url', value: addresses.keys, lines: 1 },
      // By invitation alone this address is refused; the invitation's own holds its token.
      ...(config.registration === 'open' ? [registration] : []),
      { name: 'canvas_url', value: config.publicUrl + PATHS.canvas, lines: 1 },
      { name: 'domain', value: addresses.domain, lines: 1 },
      { name: 'icon_url', value: config.publicUrl + config.lti.icon, lines: 1 },
      { name: 'scopes', value: config.lti.scopes.join('\n'), lines: config.lti.scopes.length },
      { name: 'custom', value: custom.join('\n'), lines: custom.length },
    ],
  };
}
