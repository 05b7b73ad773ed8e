import type { GaussianProcess } from '../gp/gaussian-process.js';
import type { InputTransform } from '../gp/input-transform.js';
import type { InputRange } from '../gp/training-domain.js';
import type { LinearAlgebra } from '../linalg/linear-algebra.js';
import { Matrix } from '../linalg/matrix.js';
import { conditionNumber } from './condition-number.js';
import { inputEffects } from './input-effects.js';
import { leaveOneOut, type LeaveOneOut } from './leave-one-out.js';
import { type RepeatedRow, repeatedRows } from './repeated-rows.js';

/** What a Gaussian process and its training points say of themselves. */
export interface GpDiagnostics {
  /** Training points, or inducing points of a sparse model. */
  readonly points: number;
  /** Of exact models. */
  readonly leaveOneOut?: LeaveOneOut;
  /** Estimate, in the 1-norm, of K with noise and nugget. Of exact models. */
  readonly conditionNumber?: number;
  /** Range of the points and lengthscale, one an input. */
  readonly inputs: readonly InputRange[];
  /** See `inputEffects`: d x p, NaN where there is none. */
  readonly effects: Matrix;
  readonly repeated: readonly RepeatedRow[];
}

export interface GpDiagnosticsOptions {
  /** Inputs that cannot be moved, for they pick one of several outputs. */
  readonly indexInputs?: readonly number[];
  /** Called now and then: what it throws ends the work. */
  readonly checkpoint?: (() => void) | undefined;
}

/** O(n^3), about as much as a factorisation or two. */
export function diagnoseGp(
  gp: GaussianProcess,
  linalg: LinearAlgebra,
  { indexInputs = [], checkpoint }: GpDiagnosticsOptions = {},
): GpDiagnostics {
  const { Z, factor, inputTransform } = gp.state;
  const left = leaveOneOut(gp, linalg, checkpoint);
  const X = ownUnits(Z, inputTransform);
  const movable = Array.from({ length: gp.inputDim }, (_, q) => q).filter((q) => !indexInputs.includes(q));
  const moved = inputEffects(gp, X, movable);
  checkpoint?.();
  const effects = new Matrix(
    gp.inputDim,
    gp.outputDim,
    new Float64Array(gp.inputDim * gp.outputDim).fill(NaN),
  );
  movable.forEach((q, row) => effects.row(q).set(moved.row(row)));
  return {
    points: Z.rows,
    ...(left && { leaveOneOut: left }),
    ...(factor.type === 'cholesky' && { conditionNumber: conditionNumber(factor.L, linalg) }),
    inputs: gp.inputRanges,
    effects,
    repeated: repeatedRows(Z),
  };
}

/** The points as the caller of `predict` writes them. */
function ownUnits(Z: Matrix, transform: InputTransform | undefined): Matrix {
  if (transform === undefined) return Z;
  const d = Z.cols;
  return new Matrix(
    Z.rows,
    d,
    Z.data.map((value, k) => value * transform.scale[k % d] + transform.offset[k % d]),
  );
}
