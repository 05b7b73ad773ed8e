import { markdownTable } from '../report/markdown-table.ts';
import { QUANTITIES, type Quantity } from './study-file.ts';

/** Undefined: it has no such kernel or quantity. Jittered: it changed the model to be able to factor it. */
export type ErrorsOf = { readonly error: number; readonly jittered: boolean } | 'fails' | undefined;

export interface ValueErrors {
  readonly kernel: string;
  readonly errors: Readonly<Record<string, number | undefined>>;
}

export interface CaseErrors {
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

export function accuracyReport(values: readonly ValueErrors[], cases: readonly CaseErrors[]): string {
  const sections = QUANTITIES.map((quantity) => {
    const own = cases.filter((one) => one.quantity === quantity);
    return `### ${TITLES[quantity]}\n\n${overviewTable(own)}\n\n${caseTable(own)}`;
  });
  return [
    `### Kernel values: largest error, relative to sqrt(k(x,x) k(z,z))\n\n${valueTable(values)}`,
    ...sections,
    `### Kriged's error over the better peer's: geometric mean over kernels and condition numbers\n\n${ratioTable(cases)}`,
    `### Where Kriged is worse than the better peer by more than ${WORSE}×\n\n${worseTable(cases)}`,
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

function worseTable(cases: readonly CaseErrors[]): string {
  const rows = cases.flatMap(({ kernel, reachedCond, quantity, errors }) => {
    const best = bestPeer(errors);
    return Object.entries(errors)
      .filter(([name]) => name.startsWith('Kriged'))
      .map(([name, of]) => [name, numeric(of) ?? 0] as const)
      .filter(([, error]) => error > WORSE * best && error > ROUNDING)
      .map(([name, error]) => [
        `${quantity}, ${kernel}`,
        power(reachedCond),
        name,
        digits(error),
        ...PEERS.map((peer) => digits(numeric(errors[peer]))),
      ]);
  });
  if (rows.length === 0) return 'Nowhere.';
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
