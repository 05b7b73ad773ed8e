/** What a client would like, and can do without. */
export interface Preferences {
  /** Rather an answer at once, and the result later. */
  readonly respondAsync: boolean;
  /** How many seconds the answer may take. */
  readonly waitSeconds?: number;
}

// A preference without its parameters, which none of those known here has.
const PREFERENCE = /^([!#$%&'*+.^_`|~\w-]+)[ \t]*(?:=[ \t]*([!#$%&'*+.^_`|~\w-]+|"(?:[^"\\]|\\.)*")?)?$/;

/**
 * Reads a Prefer header (RFC 7240). It holds wishes, so nothing in it is an error: what is unknown, malformed or said a
 * second time is passed over.
 */
export function readPreferences(header: string | undefined): Preferences {
  const wishes = new Map<string, string>();
  for (const element of split(header ?? '', ',')) {
    const [, name = '', value = ''] = PREFERENCE.exec(split(element, ';')[0].trim()) ?? [];
    // Of two that are alike, the first counts.
    if (!wishes.has(name.toLowerCase())) wishes.set(name.toLowerCase(), unquoted(value));
  }
  const wait = wishes.get('wait') ?? '';
  return {
    respondAsync: wishes.get('respond-async') === '',
    ...(/^\d{1,9}$/.test(wait) && { waitSeconds: Number(wait) }),
  };
}

/** At each separator that stands in no quoted string. */
function split(text: string, separator: string): string[] {
  const parts: string[] = [];
  let start = 0;
  let isQuoted = false;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '"') isQuoted = !isQuoted;
    else if (text[at] === '\\' && isQuoted) at++;
    else if (text[at] === separator && !isQuoted) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return [...parts, text.slice(start)];
}

function unquoted(word: string): string {
  return word.startsWith('"') ? word.slice(1, -1).replaceAll(/\\(.)/g, '$1') : word;
}
