import { CLAIM } from '../../../src/lti/claims.ts';
import type { NewPlatform } from '../../../src/lti/platforms.ts';
import { ROLE, someClaims } from './builders.ts';
import { type Answer, type LocalPlatform, startLocalPlatform } from './local-platform.ts';

/**
 * How the LMS keeps data for tools: in the embedding page, in a frame it names, in a frame it does not name, not at
 * all; or badly: it is silent, it refuses by a text (Sakai), it answers from another origin than the authorization's.
 */
export type Keeping = 'parent' | 'frame' | 'unnamed frame' | 'none' | 'silent' | 'refusing' | 'impostor';

/** An LMS as a browser meets it: its pages on one origin, its authorization and storage on another, as hosted Canvas. */
export type BrowserLms = {
  readonly pages: LocalPlatform;
  readonly sso: LocalPlatform;
  registration(): NewPlatform;
  /** The course page with the tool in its frame. */
  courseAddress(keeping: Keeping): string;
  /** The login initiation by itself, for a window of its own. */
  loginAddress(): string;
  close(): Promise<void>;
};

const html = (body: string): Answer => ({
  headers: { 'content-type': 'text/html; charset=utf-8' },
  body: `<!doctype html><title>LMS</title>${body}`,
});

/** @param toolUrl origin of the tool */
export async function startBrowserLms(toolUrl: string): Promise<BrowserLms> {
  const [pages, sso] = await Promise.all([startLocalPlatform(), startLocalPlatform()]);
  const loginAddress = (more: Record<string, string> = {}) =>
    `${toolUrl}/lti/login?${new URLSearchParams({
      iss: pages.issuer,
      client_id: 'client-1',
      login_hint: 'person-1',
      lti_message_hint: 'hint-1',
      target_link_uri: `${toolUrl}/lti/launch`,
      lti_deployment_id: '1',
      ...more,
    }).toString()}`;

  pages.answers['/course'] = ({ path }) => {
    const keeping = (new URL(path, pages.issuer).searchParams.get('keeping') ?? 'none') as Keeping;
    const named = {
      parent: '_parent',
      frame: 'lti_frame',
      silent: '_parent',
      refusing: 'lti_frame',
      impostor: 'lti_frame',
    };
    const target = keeping in named ? { lti_storage_target: named[keeping as keyof typeof named] } : {};
    return html(`${storageOf(keeping, sso.issuer)}
      <iframe name="tool" width="700" height="500" src="${loginAddress(target)}"></iframe>`);
  };
  sso.answers['/storage'] = ({ path }) => html(keeper(path.includes('refusing') ? 'refusing' : 'good'));
  sso.answers['/auth'] = async ({ path }) => {
    const query = new URL(path, sso.issuer).searchParams;
    const iat = Math.floor(Date.now() / 1000);
    const token = await pages.sign(
      someClaims({
        iss: pages.issuer,
        iat,
        exp: iat + 60,
        nonce: query.get('nonce'),
        [CLAIM.targetLinkUri]: `${toolUrl}/lti/launch`,
        [CLAIM.roles]: [ROLE.learner],
      }),
    );
    return html(`<form method="post" action="${query.get('redirect_uri') ?? ''}">
      <input type="hidden" name="state" value="${query.get('state') ?? ''}">
      <input type="hidden" name="id_token" value="${token}"><button>Go on</button></form>
      <script>document.forms[0].submit()</script>`);
  };
  return {
    pages,
    sso,
    registration: () => ({
      ...pages.registration(),
      authUrl: `${sso.issuer}/auth`,
      // Blackboard's manner: it does not say where it keeps data.
      family: 'blackboardlearn',
    }),
    courseAddress: (keeping) => `${pages.issuer}/course?${new URLSearchParams({ keeping }).toString()}`,
    loginAddress,
    async close() {
      await Promise.all([pages.close(), sso.close()]);
    },
  };
}

/** What the course page holds for its way of keeping data. */
function storageOf(keeping: Keeping, ssoOrigin: string): string {
  const frame = (name: string, path: string) =>
    `<iframe name="${name}" src="${ssoOrigin}${path}" hidden></iframe>`;
  const able = (name: string) => `<script>
    addEventListener('message', ({ data, source, origin }) => {
      if (data.subject === 'lti.capabilities') source.postMessage({ subject: 'lti.capabilities.response',
        message_id: data.message_id, supported_messages: [{ subject: 'lti.get_data', frame: '${name}' },
        { subject: 'lti.put_data', frame: '${name}' }] }, origin);
    });</script>`;
  switch (keeping) {
    case 'frame':
      return frame('lti_frame', '/storage');
    case 'unnamed frame':
      return frame('lti_storage_frame', '/storage') + able('lti_storage_frame');
    case 'refusing':
      return frame('lti_frame', '/storage?refusing');
    case 'impostor':
      // The page's own frame answers, which is not the origin of the authorization address.
      return `<iframe name="lti_frame" srcdoc="${keeper('good').replaceAll('"', '&quot;')}" hidden></iframe>`;
    case 'parent':
      return keeper('good');
    default:
      return '';
  }
}

function keeper(manner: 'good' | 'refusing'): string {
  return `<script>
    const kept = new Map();
    addEventListener('message', ({ data, source, origin }) => {
      const { subject, message_id, key, value } = data;
      const answer = (more) => source.postMessage({ subject: subject + '.response', message_id, key, ...more }, origin);
      if (subject === 'lti.put_data' || subject === 'lti.get_data') {
        if ('${manner}' === 'refusing') answer({ error: 'Storage is off' });
        else if (subject === 'lti.put_data') { kept.set(key, value); answer({ value }); }
        else answer({ value: kept.get(key) });
      }
    });</script>`;
}
