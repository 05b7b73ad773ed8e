import { markdownTable } from '../report/markdown-table.ts';
import type { Reference } from './study-file.ts';

/** One variance of Kriged's: how wrong it is, relative to itself, and whether the answer says that it may be. */
export interface JudgedVariance {
  readonly points: number;
  readonly cond: number;
  readonly error: number;
  readonly flagged: boolean;
}

const WRONG = 0.1;

export function judgeVariances(
  { X, cond }: { readonly X: readonly unknown[]; readonly cond: number },
  got: readonly number[],
  reference: Reference,
  flagged: readonly number[],
): JudgedVariance[] {
  return reference.map(([high, low], row) => ({
    points: X.length,
    cond,
    error: Math.abs(got[row] - high - low) / high,
    flagged: flagged.includes(row),
  }));
}

/** Variances by number of training points and condition number: what was said of them, and how it turned out. */
export function roundingReport(variances: readonly JudgedVariance[]): string {
  const groups = Map.groupBy(variances, ({ points, cond }) => `${points} ${cond}`);
  const rows = [...groups.values()].map((group) => {
    const { points, cond } = group[0];
    const silent = group.filter(({ flagged }) => !flagged);
    const told = group.filter(({ flagged }) => flagged);
    return [
      points,
      cond.toExponential(0).replace('e+', 'e'),
      group.length,
      silent.length === 0 ? '–' : Math.max(...silent.map(({ error }) => error)).toExponential(0),
      silent.filter(({ error }) => !(error <= WRONG)).length,
      told.length,
      told.filter(({ error }) => !(error <= WRONG)).length,
      told.filter(({ error }) => error < WRONG / 10).length,
    ].map(String);
  });
  const columns = [
    'points',
    'cond',
    'variances',
    'not flagged: largest error',
    'of them over 10%',
    'flagged',
    'of them over 10%',
    'of them under 1%',
  ];
  return `### Variances at rounding: what was said, and how it turned out\n\n${markdownTable(columns, rows)}`;
}
