import { attribute, decode, formOf, linkOf } from './forms.ts';

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

  /** Follows the link that says these words. */
  async follow(page: Page, words: string): Promise<Page> {
    const target = linkOf(page.html, words);
    if (target === null) throw missing(`link "${words}"`, page);
    return this.get(new URL(target, page.url).href);
  }

  /**
   * Presses the button that says these words, with the form as it stands and what was filled in.
   */
  async press(
    page: Page,
    words: string,
    filledIn: Readonly<Record<string, string | File>> = {},
  ): Promise<Page> {
    const form = formOf(page.html, words);
    if (form === null) throw missing(`button "${words}"`, page);
    const unknown = Object.keys(filledIn).find((name) => !form.names.has(name));
    if (unknown !== undefined) throw missing(`field ${unknown} beside "${words}"`, page);
    const body = new FormData();
    for (const [name, value] of form.fields) if (!(name in filledIn)) body.append(name, value);
    for (const [name, value] of Object.entries(filledIn)) body.append(name, value);
    const target = new URL(form.action ?? page.url, page.url);
    if (form.multipart) return this.#go(target.href, { method: 'POST', body });
    const query = new URLSearchParams();
    for (const [name, value] of body) query.append(name, typeof value === 'string' ? value : value.name);
    if (form.method === 'post') return this.#go(target.href, { method: 'POST', body: query });
    target.search = query.toString();
    return this.get(target.href);
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

function missing(what: string, page: Page): Error {
  return new Error(`No ${what} on ${page.url} (${page.status}): ${textOf(page.html).slice(0, 600)}`);
}

/** What a person reads. */
export function textOf(html: string): string {
  return decode(html.replace(/<(head|script|style)[\s\S]*?<\/\1>/g, ' ').replace(/<[^>]+>/g, ' '))
    .replace(/\s+/g, ' ')
    .trim();
}
