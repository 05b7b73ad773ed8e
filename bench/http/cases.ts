import type { Format } from './request.ts';

export interface BenchCase {
  readonly name: string;
  readonly n: number;
  readonly format: Format;
  readonly rows: number;
  readonly connections: number;
}

/** Different rows that single-row requests take in turn. */
const SINGLE_ROWS = 64;

function single(n: number, connections: number): BenchCase {
  return { name: `n${n}/row/${connections}`, n, format: 'row', rows: SINGLE_ROWS, connections };
}

function many(n: number, format: Format, rows: number): BenchCase {
  // Enough connections to keep the workers busy; 10,000 rows take the workers tens of milliseconds and more.
  return { name: `n${n}/${format}/${rows}`, n, format, rows, connections: rows <= 100 ? 32 : 4 };
}

export const CASES: readonly BenchCase[] = [
  single(200, 1),
  single(200, 32),
  single(200, 256),
  single(1000, 32),
  single(2000, 32),
  ...(['json', 'csv', 'npy'] as const).map((format) => many(200, format, 100)),
  ...[200, 1000].flatMap((n) =>
    (['json', 'csv', 'npy', 'npy-npy', 'mean-only'] as const).map((format) => many(n, format, 10_000)),
  ),
  // With 2,000 training points nearly all the time is the solve, whatever the format.
  ...(['json', 'npy-npy', 'mean-only'] as const).map((format) => many(2000, format, 10_000)),
];
