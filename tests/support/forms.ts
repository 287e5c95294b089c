/** Forms as a browser without script sends them: whatever stands in their fields, and the button that was pressed. */
export type FilledForm = {
  readonly method: 'get' | 'post';
  /** Null: the page's own address. */
  readonly action: string | null;
  readonly multipart: boolean;
  readonly fields: [name: string, value: string][];
  /** Names that a person may fill in. */
  readonly names: ReadonlySet<string>;
};

const PASSIVE = new Set(['submit', 'button', 'reset', 'image', 'file']);

/** An attribute's value, decoded; '' where it stands without one, null where it is missing. */
export function attribute(tag: string, name: string): string | null {
  const found = new RegExp(`\\s${name}(?:="([^"]*)")?(?=[\\s/>])`).exec(tag);
  return found === null ? null : decode(found[1] ?? '');
}

export function decode(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&#34;', '"')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
}

/** The form whose button says these words. Null where the page has none. */
export function formOf(html: string, words: string): FilledForm | null {
  for (const [form] of html.matchAll(/<form[\s\S]*?<\/form>/g)) {
    const button = [...form.matchAll(/<button[\s\S]*?<\/button>/g)]
      .map(([found]) => found)
      .find((found) => saying(found, words));
    if (button !== undefined) return filled(form, button);
  }
  return null;
}

/** Where the link that says these words leads. Null where the page has none. */
export function linkOf(html: string, words: string): string | null {
  const links = [...html.matchAll(/<a\s[\s\S]*?<\/a>/g)].map(([link]) => link);
  const link =
    links.find((found) => saying(found, words, true)) ?? links.find((found) => saying(found, words));
  return link === undefined ? null : attribute(tagOf(link), 'href');
}

function saying(element: string, words: string, exactly = false): boolean {
  const text = decode(element.replace(/<[^>]+>/g, ' '))
    .replace(/\s+/g, ' ')
    .trim();
  return exactly ? text === words : text.includes(words);
}

function filled(form: string, button: string): FilledForm {
  const [outer, pressed] = [tagOf(form), tagOf(button)];
  const fields: [string, string][] = [];
  const names = new Set<string>();
  const put = (name: string | null, value: string | null, sent = true): void => {
    if (name === null || name === '') return;
    names.add(name);
    if (sent) fields.push([name, value ?? '']);
  };
  for (const [control] of form.matchAll(
    /<input[^>]*>|<select[\s\S]*?<\/select>|<textarea[\s\S]*?<\/textarea>/g,
  )) {
    const tag = tagOf(control);
    const name = attribute(tag, 'name');
    const type = attribute(tag, 'type') ?? 'text';
    if (control.startsWith('<select')) put(name, chosenOf(control));
    else if (control.startsWith('<textarea'))
      put(name, decode(control.slice(tag.length, -'</textarea>'.length)).replace(/^\r?\n/, ''));
    else if (type === 'checkbox' || type === 'radio')
      put(name, attribute(tag, 'value') ?? 'on', attribute(tag, 'checked') !== null);
    else put(name, attribute(tag, 'value'), !PASSIVE.has(type));
  }
  put(attribute(pressed, 'name'), attribute(pressed, 'value'));
  return {
    method: (attribute(pressed, 'formmethod') ?? attribute(outer, 'method')) === 'post' ? 'post' : 'get',
    action: attribute(pressed, 'formaction') ?? attribute(outer, 'action'),
    multipart: attribute(outer, 'enctype') === 'multipart/form-data',
    fields,
    names,
  };
}

/** An option without a value means its text. */
function chosenOf(select: string): string {
  const options = [...select.matchAll(/<option[^>]*>[^<]*/g)].map(([option]) => option);
  const chosen = options.find((option) => attribute(tagOf(option), 'selected') !== null) ?? options[0];
  if (chosen === undefined) return '';
  const tag = tagOf(chosen);
  return attribute(tag, 'value') ?? decode(chosen.slice(tag.length)).trim();
}

function tagOf(element: string): string {
  return element.slice(0, element.indexOf('>') + 1);
}
