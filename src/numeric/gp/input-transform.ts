import { GpStateError } from '../errors.js';
import { Matrix } from '../linalg/matrix.js';

/** An affine change of the inputs before anything else sees them: t = (x - offset) / scale, one number an input. */
export interface InputTransform {
  readonly offset: readonly number[];
  /** Not zero. */
  readonly scale: readonly number[];
}

/** (X - offset) / scale, m x d; X itself where there is no transform. */
export function transformInputs(X: Matrix, transform: InputTransform | undefined): Matrix {
  if (transform === undefined) return X;
  const { offset, scale } = transform;
  const d = X.cols;
  return new Matrix(
    X.rows,
    d,
    X.data.map((value, k) => (value - offset[k % d]) / scale[k % d]),
  );
}

/** Turns derivatives by t (rows of d) into derivatives by x, in place: dt/dx = 1 / scale. */
export function transformGradients(gradients: Matrix, transform: InputTransform | undefined): void {
  if (transform === undefined) return;
  const d = gradients.cols;
  for (let k = 0; k < gradients.data.length; k += 1) gradients.data[k] /= transform.scale[k % d];
}

/** Throws GpStateError unless there are d finite numbers of each, and no scale is zero. */
export function checkInputTransform(transform: InputTransform, d: number): void {
  for (const name of ['offset', 'scale'] as const) {
    const numbers = transform[name];
    if (numbers.length !== d || !numbers.every((x) => Number.isFinite(x) && (name === 'offset' || x !== 0))) {
      const kind = name === 'scale' ? ' and not zero' : '';
      throw new GpStateError(
        `inputTransform.${name} must hold ${d} numbers, one an input, finite${kind}; got ${numbers.length}.`,
      );
    }
  }
}
