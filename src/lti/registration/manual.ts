import type { Config } from '../../config.ts';
import { PATHS, toolAddresses } from '../addresses.ts';

/** Values to copy, in the order in which LMSs ask for them; `name` is the key of their words. */
export function manualModel(config: Pick<Config, 'publicUrl' | 'lti'>) {
  const addresses = toolAddresses(config);
  const custom = Object.entries(config.lti.customParameters).map(([name, value]) => `${name}=${value}`);
  return {
    title: config.lti.title,
    fields: [
      { name: 'tool_url', value: addresses.launch, lines: 1 },
      { name: 'login_url', value: addresses.login, lines: 1 },
      { name: 'redirect_url', value: addresses.launch, lines: 1 },
      { name: 'keys_url', value: addresses.keys, lines: 1 },
      { name: 'registration_url', value: addresses.register, lines: 1 },
      { name: 'canvas_url', value: config.publicUrl + PATHS.canvas, lines: 1 },
      { name: 'domain', value: addresses.domain, lines: 1 },
      { name: 'icon_url', value: config.publicUrl + config.lti.icon, lines: 1 },
      { name: 'scopes', value: config.lti.scopes.join('\n'), lines: config.lti.scopes.length },
      { name: 'custom', value: custom.join('\n'), lines: custom.length },
    ],
  };
}
