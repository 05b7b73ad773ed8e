import { markdownTable } from '../report/markdown-table.ts';
import { QUANTITIES, type Quantity } from './study-file.ts';

/** Undefined: it has no such kernel or quantity. Jittered: it changed the model to be able to factor it. */
export type ErrorsOf = { readonly error: number; readonly jittered: boolean } | 'fails' | undefined;

export interface ValueErrors {
  readonly kernel: string;
  readonly errors: Readonly<Record<string, number | undefined>>;
}

export interface CaseErrors {
  /** Training points. */
  readonly points: number;
  readonly kernel: string;
  readonly cond: number;
  readonly reachedCond: number;
  readonly quantity: Quantity;
  readonly errors: Readonly<Record<string, ErrorsOf>>;
}

const TITLES: Readonly<Record<Quantity, string>> = {
  mean: 'Mean: largest error, relative to the largest mean',
  variance: 'Latent variance: largest relative error',
  meanGradient: 'Gradient of the mean: largest error, relative to its largest entry',
  varianceGradient: 'Gradient of the latent variance: largest error, relative to its largest entry',
};

/** By how much Kriged may be worse than the better peer before it is listed; less is chance. */
const WORSE = 4;
/** Below this nobody needs to care who is better. */
const ROUNDING = 1e-14;
const PEERS = ['GPy', 'scikit-learn'];

export function accuracyReport(values: readonly ValueErrors[], all: readonly CaseErrors[]): string {
  const fewest = Math.min(...all.map(({ points }) => points));
  const cases = all.filter(({ points }) => points === fewest);
  const many = all.filter(({ points }) => points > fewest);
  const sections = QUANTITIES.map((quantity) => {
    const own = cases.filter((one) => one.quantity === quantity);
    return `### ${TITLES[quantity]}\n\n${overviewTable(own)}\n\n${caseTable(own)}`;
  });
  return [
    `### Kernel values: largest error, relative to sqrt(k(x,x) k(z,z))\n\n${valueTable(values)}`,
    ...sections,
    `### With ${many[0].points} training points\n\n${manyTable(many)}`,
    `### Kriged's error over the better peer's: geometric mean over kernels and condition numbers\n\n${ratioTable(cases)}`,
    `### Where Kriged is worse than a peer\n\n${comparisonSection(cases)}`,
  ].join('\n\n');
}

function valueTable(values: readonly ValueErrors[]): string {
  const names = Object.keys(values[0].errors);
  return markdownTable(
    ['kernel', ...names],
    values.map(({ kernel, errors }) => [kernel, ...names.map((name) => digits(errors[name]))]),
  );
}

/** Over all kernels: the median and the largest error at each condition number. */
function overviewTable(cases: readonly CaseErrors[]): string {
  const names = Object.keys(cases[0].errors);
  const conds = [...new Set(cases.map(({ cond }) => cond))];
  const rows = conds.map((cond) => {
    const cells = names.map((name) => {
      const errors = cases
        .filter((one) => one.cond === cond)
        .map((one) => numeric(one.errors[name]))
        .filter((error) => error !== undefined)
        .toSorted((a, b) => a - b);
      if (errors.length === 0) return '–';
      return `${digits(errors[Math.floor(errors.length / 2)])} / ${digits(errors.at(-1))}`;
    });
    return [power(cond), ...cells];
  });
  return markdownTable(['cond: median / largest over the kernels', ...names], rows);
}

function caseTable(cases: readonly CaseErrors[]): string {
  const names = Object.keys(cases[0].errors);
  const rows = cases
    .toSorted((a, b) => a.kernel.localeCompare(b.kernel) || a.cond - b.cond)
    .map((one) => [one.kernel, power(one.reachedCond), ...names.map((name) => cell(one.errors[name]))]);
  const table = markdownTable(['kernel', 'cond', ...names], rows);
  return `<details><summary>every kernel</summary>\n\n${table}\n\n</details>`;
}

function manyTable(cases: readonly CaseErrors[]): string {
  const names = Object.keys(cases[0].errors);
  const rows = cases
    .toSorted((a, b) => QUANTITIES.indexOf(a.quantity) - QUANTITIES.indexOf(b.quantity))
    .map(({ quantity, kernel, cond, errors }) => [
      `${quantity}, ${kernel}`,
      power(cond),
      ...names.map((name) => cell(errors[name])),
    ]);
  return markdownTable(['', 'cond', ...names], rows);
}

/** Both sides: how often Kriged is much better or much worse, and where it is worse. */
function comparisonSection(cases: readonly CaseErrors[]): string {
  const all = comparisons(cases);
  const better = all.filter(({ error, best }) => best > WORSE * error && best > ROUNDING);
  const worse = all.filter(({ error, best }) => error > WORSE * best && error > ROUNDING);
  const line = `Of ${all.length} comparisons Kriged is better than both peers by more than ${WORSE}× in ${better.length}, and worse than the better one by more than ${WORSE}× in ${worse.length}:`;
  return `${line}\n\n${worseTable(worse)}`;
}

interface Comparison {
  readonly of: CaseErrors;
  readonly name: string;
  readonly error: number;
  /** The better peer's. */
  readonly best: number;
}

/** Each error of Kriged's beside the better peer's. */
function comparisons(cases: readonly CaseErrors[]): Comparison[] {
  return cases.flatMap((of) =>
    Object.entries(of.errors)
      .filter(([name]) => name.startsWith('Kriged'))
      .map(([name, found]) => ({ of, name, error: numeric(found) ?? Number.NaN, best: bestPeer(of.errors) }))
      .filter(({ error, best }) => !Number.isNaN(error) && Number.isFinite(best)),
  );
}

function ratioTable(cases: readonly CaseErrors[]): string {
  const ours = Object.keys(cases[0].errors).filter((name) => name.startsWith('Kriged'));
  const rows = QUANTITIES.map((quantity) => {
    const cells = ours.map((name) => {
      const logs = cases
        .filter((one) => one.quantity === quantity)
        .map(({ errors }) => Math.log((numeric(errors[name]) ?? Number.NaN) / bestPeer(errors)))
        .filter(Number.isFinite);
      return Math.exp(logs.reduce((sum, log) => sum + log, 0) / logs.length).toPrecision(2);
    });
    return [quantity, ...cells];
  });
  return markdownTable(['', ...ours], rows);
}

function bestPeer(errors: CaseErrors['errors']): number {
  return Math.min(...PEERS.map((name) => numeric(errors[name]) ?? Number.POSITIVE_INFINITY));
}

function worseTable(worse: readonly Comparison[]): string {
  const rows = worse.map(({ of: { quantity, kernel, reachedCond, errors }, name, error }) => [
    `${quantity}, ${kernel}`,
    power(reachedCond),
    name,
    digits(error),
    ...PEERS.map((peer) => digits(numeric(errors[peer]))),
  ]);
  return markdownTable(['', 'cond', '', 'error', 'GPy', 'scikit-learn'], rows);
}

function numeric(of: ErrorsOf): number | undefined {
  return of === undefined || of === 'fails' ? undefined : of.error;
}

function cell(of: ErrorsOf): string {
  if (of === undefined) return '–';
  return of === 'fails' ? 'fails' : `${digits(of.error)}${of.jittered ? ' j' : ''}`;
}

function digits(error: number | undefined): string {
  if (error === undefined) return '–';
  return Number.isFinite(error) ? error.toExponential(0) : 'NaN';
}

function power(cond: number): string {
  return cond < 10 ? '1' : cond.toExponential(0).replace('e+', 'e');
}
