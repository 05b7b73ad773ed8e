import type { Format } from './request.ts';

export interface Answer {
  readonly mean: ArrayLike<number>;
  readonly variance?: ArrayLike<number>;
}

/** Means: of outputs whose scale is 1. Variances: relative to the value, which is at least the noise of 1e-4. */
const TOLERANCE = { mean: 1e-6, variance: 1e-6 };

/** Reads what a server answered to one request of the given format. Throws where it is not an answer. */
export function readAnswer(format: Format, body: Buffer): Answer {
  if (format === 'npy-npy') return readNpyColumns(body);
  const { mean, variance } = JSON.parse(body.toString()) as { mean: unknown; variance?: unknown };
  return { mean: numbers(mean), ...(variance !== undefined && { variance: numbers(variance) }) };
}

/** What keeps two answers from being the same, or undefined where they agree. */
export function disagreement(expected: Answer, got: Answer): string | undefined {
  return (
    difference('mean', expected.mean, got.mean, () => TOLERANCE.mean) ??
    (expected.variance && got.variance
      ? difference('variance', expected.variance, got.variance, (value) => TOLERANCE.variance * value)
      : undefined)
  );
}

function difference(
  what: string,
  expected: ArrayLike<number>,
  got: ArrayLike<number>,
  tolerance: (value: number) => number,
): string | undefined {
  if (expected.length !== got.length) return `${got.length} ${what}s, expected ${expected.length}`;
  for (let i = 0; i < expected.length; i += 1) {
    if (Math.abs(got[i] - expected[i]) <= tolerance(expected[i])) continue;
    return `${what} of row ${i + 1} is ${got[i]}, expected ${expected[i]}`;
  }
  return undefined;
}

function numbers(value: unknown): number[] {
  const list = Array.isArray(value) ? value : [value];
  if (!list.every((item) => typeof item === 'number')) throw new Error('the answer holds no numbers');
  return list;
}

/** The two columns of an N x 2 array of doubles, mean and variance. */
function readNpyColumns(body: Buffer): Answer {
  const start = 10 + body.readUInt16LE(8);
  const header = body.toString('latin1', 10, start);
  const rows = Number(/'shape': \((\d+), 2\)/.exec(header)?.[1]);
  if (!header.includes("'<f8'") || !Number.isInteger(rows))
    throw new Error(`unexpected npy header ${header}`);
  const values = new Float64Array(new Uint8Array(body.subarray(start)).buffer);
  const [row, column] = header.includes("'fortran_order': True") ? [1, rows] : [2, 1];
  const take = (offset: number): Float64Array =>
    Float64Array.from({ length: rows }, (_, i) => values[i * row + offset]);
  return { mean: take(0), variance: take(column) };
}
