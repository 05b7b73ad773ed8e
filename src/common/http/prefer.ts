/** What a client would like, and can do without. */
export interface Preferences {
  /** Rather an answer at once, and the result later. */
  readonly respondAsync: boolean;
  /** How many seconds the answer may take. */
  readonly waitSeconds?: number;
}

const TOKEN = String.raw`[!#$%&'*+.^_\`|~\w-]+`;
const WORD = String.raw`(?:${TOKEN}|"(?:[^"\\]|\\.)*")`;
const PAIR = String.raw`(${TOKEN})[ \t]*(?:=[ \t]*(${WORD})?)?`;
// A preference and its parameters, which none of those known here has.
const PREFERENCE = new RegExp(String.raw`[ \t]*${PAIR}(?:[ \t]*;[ \t]*(?:${PAIR})?)*[ \t]*(?:,|$)`, 'y');
const EMPTY = /[ \t]*(?:,|$)/y;

/**
 * Reads a Prefer header (RFC 7240). It holds wishes, so nothing in it is an error: what is unknown, malformed or said a
 * second time is passed over.
 */
export function readPreferences(header: string | undefined): Preferences {
  const wishes = new Map<string, string>();
  for (const [name, value] of preferences(header ?? '')) {
    if (!wishes.has(name)) wishes.set(name, value);
  }
  const wait = wishes.get('wait') ?? '';
  return {
    respondAsync: wishes.get('respond-async') === '',
    ...(/^\d{1,9}$/.test(wait) && { waitSeconds: Number(wait) }),
  };
}

function* preferences(header: string): Generator<readonly [string, string]> {
  for (let at = 0; at < header.length;) {
    PREFERENCE.lastIndex = EMPTY.lastIndex = at;
    const match = PREFERENCE.exec(header);
    if (match) {
      yield [match[1].toLowerCase(), unquoted(match[2] ?? '')];
      at = PREFERENCE.lastIndex;
    } else if (EMPTY.test(header)) {
      at = EMPTY.lastIndex;
    } else {
      const comma = header.indexOf(',', at);
      if (comma < 0) return;
      at = comma + 1;
    }
  }
}

function unquoted(word: string): string {
  return word.startsWith('"') ? word.slice(1, -1).replaceAll(/\\(.)/g, '$1') : word;
}
