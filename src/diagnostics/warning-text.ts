/** Rows or names that a sentence lists at most. */
const LISTED = 10;

/** Two digits, as a person would say it: 11, 0.012, 3e+15. */
export function rounded(value: number): string {
  return String(Number(value.toPrecision(2)));
}

/** `row 3`, `rows 3 and 17`, `rows 3, 17, 20 and 8 more`. */
export function listRows(rows: readonly number[]): string {
  return `${rows.length === 1 ? 'row' : 'rows'} ${listAll(rows.map(String))}`;
}

export function listAll(items: readonly string[]): string {
  const shown = items.length > LISTED ? [...items.slice(0, LISTED), `${items.length - LISTED} more`] : items;
  return shown.length === 1 ? shown[0] : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}
