/** Orders versions as people read them: runs of digits by value, the rest by character, so that 2 < 10 and 1.9 < 1.10. */
export function compareVersions(a: string, b: string): number {
  return collator.compare(a, b) || (a < b ? -1 : a > b ? 1 : 0);
}

const collator = new Intl.Collator('en', { numeric: true });
