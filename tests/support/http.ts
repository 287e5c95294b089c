/** A browser as far as tests need one: keeps cookies per origin, follows redirects, sends the LMS's auto-forms. */
export type Page = {
  readonly status: number;
  readonly url: string;
  readonly html: string;
  readonly headers: Headers;
};

const HIDDEN = /<input[^>]*type="hidden"[^>]*>/g;

export class Browser {
  readonly #cookies = new Map<string, Map<string, string>>();

  /** The Cookie header that this browser would send there. */
  cookiesFor(url: string): string {
    const cookies = this.#cookies.get(new URL(url).origin) ?? new Map<string, string>();
    return [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  async get(url: string): Promise<Page> {
    return this.#go(url, { method: 'GET' });
  }

  async post(url: string, fields: Readonly<Record<string, string>> | URLSearchParams): Promise<Page> {
    return this.#go(url, { method: 'POST', body: new URLSearchParams(fields) });
  }

  /** Sends the form whose action ends so, with its hidden fields and these. */
  async submit(page: Page, action: string, fields: Readonly<Record<string, string>> = {}): Promise<Page> {
    const form = [...page.html.matchAll(/<form[^>]*>[\s\S]*?<\/form>/g)]
      .map(([text]) => text)
      .find(
        (text) =>
          (attribute(text, 'action') ?? new URL(page.url).pathname).endsWith(action) &&
          /method="post"/.test(text),
      );
    if (form === undefined)
      throw new Error(
        `No form posts to ${action} on ${page.url} (${page.status}): ${textOf(page.html).slice(0, 400)}`,
      );
    const hidden = Object.fromEntries(
      [...form.matchAll(HIDDEN)].map(([input]) => [
        attribute(input, 'name') ?? '',
        attribute(input, 'value') ?? '',
      ]),
    );
    const target = attribute(form.slice(0, form.indexOf('>') + 1), 'action');
    return this.post(new URL(target ?? page.url, page.url).href, { ...hidden, ...fields });
  }

  /** From the login initiation to the tool's page. */
  async launch(loginUrl: string): Promise<Page> {
    const page = await this.get(loginUrl);
    return this.submit(page, '/lti/launch');
  }

  async #go(url: string, init: RequestInit, hops = 0): Promise<Page> {
    const { origin } = new URL(url);
    const cookies = this.#cookies.get(origin) ?? new Map<string, string>();
    const cookie = this.cookiesFor(url);
    const answer = await fetch(url, {
      ...init,
      redirect: 'manual',
      headers: { accept: 'text/html', ...(cookie === '' ? {} : { cookie }) },
    });
    for (const line of answer.headers.getSetCookie()) {
      const [pair = ''] = line.split(';');
      const name = pair.slice(0, pair.indexOf('='));
      if (/expires=Thu, 01 Jan 1970|max-age=0/i.test(line)) cookies.delete(name);
      else cookies.set(name, pair.slice(pair.indexOf('=') + 1));
    }
    this.#cookies.set(origin, cookies);
    const location = answer.headers.get('location');
    if (answer.status >= 300 && answer.status < 400 && location !== null && hops < 10) {
      await answer.text();
      return this.#go(new URL(location, url).href, { method: 'GET' }, hops + 1);
    }
    return { status: answer.status, url, html: await answer.text(), headers: answer.headers };
  }
}

function attribute(tag: string, name: string): string | null {
  const value = new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1];
  return value === undefined
    ? null
    : value.replaceAll('&amp;', '&').replaceAll('&#34;', '"').replaceAll('&#39;', "'");
}

/** What a person reads. */
export function textOf(html: string): string {
  return html
    .replace(/<(head|script|style)[\s\S]*?<\/\1>/g, ' ')
    .replace(/<[^>]+>/g, ' ')
    .replaceAll('&amp;', '&')
    .replaceAll('&#39;', "'")
    .replaceAll('&#34;', '"')
    .replace(/\s+/g, ' ')
    .trim();
}
