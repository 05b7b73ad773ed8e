/** Orders versions as people read them: runs of digits by value, the rest by character, so that 2 < 10 and 1.9 < 1.10. */
export function compareVersions(a: string, b: string): number {
  return collator.compare(a, b) || (a < b ? -1 : a > b ? 1 : 0);
}

const collator = new Intl.Collator('en', { numeric: true });

/** The name that comes right after: its last whole number one up (`v9` to `v10`), or `.1` where it has none. */
export function nextVersion(version: string): string {
  const match = /^(.*?)(\d+)(\D*)$/.exec(version);
  return match ? `${match[1]}${BigInt(match[2]) + 1n}${match[3]}` : `${version}.1`;
}
