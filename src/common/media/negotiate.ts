/** What a response can be written as. */
export type ResponseFormat = 'json' | 'csv' | 'npy' | 'npz';

export const MEDIA_TYPES: Readonly<Record<ResponseFormat, string>> = {
  json: 'application/json',
  csv: 'text/csv',
  npy: 'application/x-npy',
  npz: 'application/x-npz',
};

interface Range {
  type: string;
  q: number;
}

/**
 * Chooses the response's format from the Accept header (RFC 9110, section 12.5.1): the highest q wins, then a type that
 * is named over a wildcard, then the order of the header. JSON when nothing is asked for; undefined when nothing that
 * is asked for can be written (406).
 */
export function negotiate(accept: string | undefined): ResponseFormat | undefined {
  if (accept === undefined || accept.trim() === '') return 'json';
  const ranges = accept.split(',').flatMap(parseRange);
  let best: { format: ResponseFormat; q: number; rank: number; order: number } | undefined;
  for (const format of Object.keys(MEDIA_TYPES) as ResponseFormat[]) {
    const match = mostSpecific(ranges, MEDIA_TYPES[format]);
    if (match === undefined || match.q === 0) continue;
    const better =
      best === undefined ||
      match.q > best.q ||
      (match.q === best.q &&
        (match.rank > best.rank || (match.rank === best.rank && match.order < best.order)));
    if (better) best = { format, ...match };
  }
  return best?.format;
}

function mostSpecific(
  ranges: readonly Range[],
  type: string,
): { q: number; rank: number; order: number } | undefined {
  const spellings = ['*/*', `${type.slice(0, type.indexOf('/'))}/*`, type];
  let found: { q: number; rank: number; order: number } | undefined;
  ranges.forEach((range, order) => {
    const rank = spellings.indexOf(range.type);
    if (rank > (found?.rank ?? -1)) found = { q: range.q, rank, order };
  });
  return found;
}

/** One element of the header, or nothing when its q is no q. */
function parseRange(text: string): Range[] {
  const [type, ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const quality = parameters.find((parameter) => /^q\s*=/.test(parameter));
  if (quality === undefined) return [{ type, q: 1 }];
  const value = quality.slice(quality.indexOf('=') + 1).trim();
  return /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(value) ? [{ type, q: Number(value) }] : [];
}
