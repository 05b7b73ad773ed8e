/**
 * JSON whose numbers are read back bit by bit (shortest digits, -0 kept), members in the order they have, undefined
 * ones left out. Throws RangeError for NaN and infinity, which JSON.stringify would quietly turn into null.
 */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'number') {
    if (!Number.isFinite(value))
      throw new RangeError(`JSON has no ${value}: only finite numbers can be written.`);
    return Object.is(value, -0) ? '-0' : String(value);
  }
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`).join(',')}}`;
}
