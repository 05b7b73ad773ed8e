/** Rows that a sentence lists at most. */
const LISTED = 10;

/** Two digits, as a person would write them: 11, 0.012, 3.1e15. */
export function rounded(value: number): string {
  if (Math.abs(value) >= 1e5) return value.toExponential(1).replace('e+', 'e');
  return String(Number(value.toPrecision(2)));
}

/** `row 3`, `rows 3 and 17`, `rows 3, 17, 20 and 8 more`. */
export function listRows(rows: readonly number[]): string {
  const items = rows.slice(0, LISTED).map(String);
  if (rows.length > LISTED) items.push(`${rows.length - LISTED} more`);
  const last = items.pop();
  return items.length === 0 ? `row ${last}` : `rows ${items.join(', ')} and ${last}`;
}
