import { GpStateError } from '../errors.js';
import { Matrix } from '../linalg/matrix.js';
import type { MeanSpec } from './gp-state.js';

const MAX_DEPTH = 64;
const MAX_TERMS = 1000;

/**
 * The prior mean m(x) = c + x A (p outputs), in the normalised output space. Constant and linear terms and their sums
 * all collapse to one c and one A. GPy's Constant, Linear and Additive mappings.
 */
export class MeanFunction {
  readonly #constant: Float64Array;
  /** d x p, or undefined where no term is linear. */
  readonly #slope: Matrix | undefined;

  /** Throws GpStateError where a term does not fit d inputs and p outputs, or the tree is too large. */
  constructor(spec: MeanSpec, inputDim: number, outputDim: number) {
    this.#constant = new Float64Array(outputDim);
    let slope: Matrix | undefined;
    for (const term of termsOf(spec)) {
      if (term.type === 'constant') {
        checkConstant(term.value, outputDim);
        for (let o = 0; o < outputDim; o += 1) {
          this.#constant[o] += term.value.length === 1 ? term.value[0] : term.value[o];
        }
      } else {
        checkSlope(term.A, inputDim, outputDim);
        slope ??= Matrix.zeros(inputDim, outputDim);
        for (let k = 0; k < slope.data.length; k += 1) slope.data[k] += term.A.data[k];
      }
    }
    this.#slope = slope;
  }

  /** out += m(X): m x p. */
  addValues(X: Matrix, out: Matrix): void {
    const p = out.cols;
    const A = this.#slope;
    for (let j = 0; j < X.rows; j += 1) {
      for (let o = 0; o < p; o += 1) {
        let sum = this.#constant[o];
        if (A !== undefined) {
          for (let q = 0; q < X.cols; q += 1) sum += X.data[j * X.cols + q] * A.data[q * p + o];
        }
        out.data[j * p + o] += sum;
      }
    }
  }

  /** gradient += dm_o/dx: d numbers, the same at every x. */
  addGradient(output: number, gradient: Float64Array): void {
    const A = this.#slope;
    if (A === undefined) return;
    for (let q = 0; q < A.rows; q += 1) gradient[q] += A.data[q * A.cols + output];
  }
}

type Term = Exclude<MeanSpec, { type: 'sum' }>;

/** The leaves of a sum of sums, found without recursion; bounded, as the specification may come from a file. */
function termsOf(root: MeanSpec): Term[] {
  const terms: Term[] = [];
  const pending = [{ spec: root, depth: 1 }];
  let nodes = 1;
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { spec, depth } = next;
    if (spec.type !== 'sum') {
      terms.push(spec);
      continue;
    }
    nodes += spec.parts.length;
    if (depth > MAX_DEPTH || nodes > MAX_TERMS) {
      throw new GpStateError(`The mean function has more than ${MAX_TERMS} terms or ${MAX_DEPTH} levels.`);
    }
    for (const part of spec.parts) pending.push({ spec: part, depth: depth + 1 });
  }
  return terms;
}

function checkConstant(value: readonly number[], outputDim: number): void {
  if ((value.length !== 1 && value.length !== outputDim) || !value.every(Number.isFinite)) {
    throw new GpStateError(
      `The constant mean needs 1 or ${outputDim} finite numbers, got ${value.length} (${value.slice(0, 3).join(', ')}).`,
    );
  }
}

function checkSlope(A: Matrix, inputDim: number, outputDim: number): void {
  if (A.rows !== inputDim || A.cols !== outputDim) {
    throw new GpStateError(
      `The linear mean's A must be ${inputDim} x ${outputDim}, got ${A.rows} x ${A.cols}.`,
    );
  }
  if (!A.data.every(Number.isFinite)) throw new GpStateError("The linear mean's A must hold finite numbers.");
}
