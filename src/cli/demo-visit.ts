import type { DemoLms } from '../demo-lms/index.ts';

/**
 * Opens the tool once as this person, as a browser would: login, authorization, launch.
 * @throws where one of them refuses
 */
export async function openTool(lms: DemoLms, personId: string, courseId: string): Promise<void> {
  const login = await call(await lms.startLaunch({ personId, courseId, frame: false }));
  const cookies = login.headers.getSetCookie().map((cookie) => cookie.split(';')[0] ?? '');
  const authorization = await call(login.headers.get('location') ?? '');
  const form = await authorization.text();
  const launch = await call(hidden(form, /action="([^"]+)"/), {
    method: 'POST',
    headers: { cookie: cookies.join('; ') },
    body: new URLSearchParams({
      id_token: hidden(form, /name="id_token" value="([^"]+)"/),
      state: hidden(form, /name="state" value="([^"]+)"/),
    }),
  });
  await launch.text();
}

async function call(url: string, init: RequestInit = {}): Promise<Response> {
  const answer = await fetch(url, { ...init, redirect: 'manual' });
  if (answer.status >= 400) throw new Error(`${new URL(url).pathname} answered ${answer.status}.`);
  return answer;
}

function hidden(form: string, pattern: RegExp): string {
  const value = pattern.exec(form)?.[1];
  if (value === undefined) throw new Error('The demo LMS sent no launch.');
  return value;
}
