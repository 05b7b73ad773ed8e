/** A number of the source text that a double cannot hold, kept as it was written so that an error can quote it. */
export class OverflowingNumber {
  constructor(readonly source: string) {}
}

/**
 * Says what a value is in at most 60 characters: `the string "abc"`, `null`, `an array of 3`, `an object`, `NaN`,
 * `1e400 (too large for a double)`. Never looks into arrays or objects, so that no depth or size can hurt it.
 */
export function describe(value: unknown): string {
  if (value === null) return 'null';
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') return value === '' ? 'an empty string' : `the string ${quote(value, 44)}`;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return value.length === 0 ? 'an empty array' : `an array of ${value.length}`;
  if (value instanceof OverflowingNumber) return `${shorten(value.source, 32)} (too large for a double)`;
  if (typeof value === 'object') return isEmpty(value) ? 'an empty object' : 'an object';
  return `a ${typeof value}`;
}

/** The text in double quotes with control characters escaped, cut to `max` characters (quotes included). */
export function quote(text: string, max = 44): string {
  let shown = Array.from(text.slice(0, max));
  let quoted = JSON.stringify(shown.join(''));
  if (shown.join('') === text && quoted.length <= max) return quoted;
  // An escape can take six characters, so the cut is found by trying.
  do {
    shown = shown.slice(0, -1);
    quoted = `${JSON.stringify(shown.join('')).slice(0, -1)}…"`;
  } while (quoted.length > max);
  return quoted;
}

/** The path of a member: `x1`, `[3].x2`, `inputs[2]["a b"]`. Names that are no identifiers are quoted. */
export function memberPath(parent: string, name: string): string {
  if (!/^[\p{L}_$][\p{L}\p{N}_$-]{0,63}$/u.test(name)) return `${parent}[${quote(name)}]`;
  return parent === '' ? name : `${parent}.${name}`;
}

/** `x1, x2, x3`, or the first few and how many there are. */
export function listNames(names: readonly string[]): string {
  const shown = names.slice(0, 8).map((name) => shorten(name, 40));
  return names.length > shown.length ? `${shown.join(', ')}, ... (${names.length} in all)` : shown.join(', ');
}

/** `1 row`, `3 rows`. */
export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}

function shorten(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max - 1)}…`;
}

function isEmpty(value: object): boolean {
  for (const key in value) if (Object.hasOwn(value, key)) return false;
  return true;
}
