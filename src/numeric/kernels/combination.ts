import type { Matrix } from '../linalg/matrix.js';
import type { PanelMath } from '../linalg/panel-math.js';
import type { KernelParameter } from './kernel-parameter.js';
import type { KernelSpec } from './kernel-spec.js';
import type { Kernel } from './kernel.js';

/** A kernel made of others, value by value. A subclass says how two values combine and what their gradient is. */
export abstract class CombinationKernel implements Kernel {
  readonly parameters: readonly KernelParameter[] | undefined;

  constructor(
    readonly spec: KernelSpec,
    protected readonly parts: readonly Kernel[],
    protected readonly math: PanelMath,
  ) {
    this.parameters = parametersOfParts(parts);
  }

  /** out_k := out_k combined with values_k. */
  protected abstract combine(values: Float64Array, out: Float64Array): void;

  abstract addGradient(Z: Matrix, x: Float64Array, weights: Float64Array, out: Float64Array): void;
  abstract addDiagonalGradient(x: Float64Array, scale: number, out: Float64Array): void;
  abstract addParameterGradients(Z: Matrix, X: Matrix, W: Float64Array, out: Float64Array): void;
  abstract addDiagonalParameterGradients(X: Matrix, weights: Float64Array, out: Float64Array): void;
  abstract addMatrixParameterGradients(X: Matrix, W: Float64Array, out: Float64Array): void;

  /** Calls `visit` with each part, and the place in `out` of the gradients by its parameters. */
  protected forEachPart(
    out: Float64Array,
    visit: (part: Kernel, own: Float64Array, a: number) => void,
  ): void {
    let start = 0;
    this.parts.forEach((part, a) => {
      const end = start + (part.parameters?.length ?? 0);
      visit(part, out.subarray(start, end), a);
      start = end;
    });
  }

  panel(Z: Matrix, X: Matrix, out: Float64Array): void {
    this.parts[0].panel(Z, X, out);
    if (this.parts.length === 1) return;
    const { scratch } = this.math;
    const values = scratch.take(out.length);
    try {
      for (let i = 1; i < this.parts.length; i += 1) {
        this.parts[i].panel(Z, X, values);
        this.combine(values, out);
      }
    } finally {
      scratch.release();
    }
  }

  diagonal(X: Matrix, out: Float64Array): void {
    this.parts[0].diagonal(X, out);
    if (this.parts.length === 1) return;
    const { scratch } = this.math;
    const values = scratch.take(out.length);
    try {
      for (let i = 1; i < this.parts.length; i += 1) {
        this.parts[i].diagonal(X, values);
        this.combine(values, out);
      }
    } finally {
      scratch.release();
    }
  }

  /** The smallest of the parts': what varies fastest decides how far a point's influence reaches. */
  lowerToLengthscales(out: Float64Array): void {
    for (const part of this.parts) part.lowerToLengthscales(out);
  }

  lowerTriangle(X: Matrix, out: Float64Array): void {
    this.parts[0].lowerTriangle(X, out);
    if (this.parts.length === 1) return;
    const { scratch } = this.math;
    const values = scratch.take(out.length);
    try {
      for (let i = 1; i < this.parts.length; i += 1) {
        this.parts[i].lowerTriangle(X, values);
        this.combine(values, out);
      }
    } finally {
      scratch.release();
    }
  }

  matrix(X: Matrix): Matrix {
    const K = this.parts[0].matrix(X);
    for (let i = 1; i < this.parts.length; i += 1) this.combine(this.parts[i].matrix(X).data, K.data);
    return K;
  }
}

/** Those of all parts, one after the other; undefined where one of them has none. */
export function parametersOfParts(parts: readonly Kernel[]): readonly KernelParameter[] | undefined {
  const all: KernelParameter[] = [];
  for (const [a, { parameters }] of parts.entries()) {
    if (parameters === undefined) return undefined;
    for (const parameter of parameters) all.push({ ...parameter, parts: [a, ...parameter.parts] });
  }
  return all;
}
