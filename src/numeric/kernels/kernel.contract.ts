import { compile } from 'mathjs';
import { describe, expect, it } from 'vitest';
import { KernelSpecError, UntrainableKernelError } from '../errors.js';
import { Matrix } from '../linalg/matrix.js';
import type { PanelMath } from '../linalg/panel-math.js';
import { TypeScriptLinearAlgebra } from '../linalg/typescript-linear-algebra.js';
import { WasmLinearAlgebra } from '../linalg/wasm/wasm-linear-algebra.js';
import { Random } from '../random/random.js';
import { type KernelParameter, pathOf } from './kernel-parameter.js';
import type { KernelSpec } from './kernel-spec.js';
import type { Kernel } from './kernel.js';
import { buildKernel } from './kernels.js';

interface PrintedValues {
  readonly between: number;
  readonly diagonal: number;
}

/** One kernel with its parameters, and what independent sources say about it. */
export interface KernelCase {
  readonly label: string;
  readonly spec: KernelSpec;
  /**
   * k(x, z) as a mathjs formula: the oracle for every value. It sees the active columns as vectors `x` and `z`, the
   * parameters by name, and `same`: whether both are one point of one set.
   */
  readonly formula: string;
  /** k(GPY_X, GPY_Z) and k(GPY_X, GPY_X) from GPy itself, with `indexColumn` from GPY_X_INDEX and GPY_Z_INDEX. */
  readonly gpy?: PrintedValues;
  /** The same from scikit-learn, for a kernel that GPy does not have. */
  readonly sklearn?: PrintedValues;
  /** The column that holds output indices 0, 1, 2 instead of real numbers. */
  readonly indexColumn?: number;
  /** Parameters that may be one number or one an active dimension. */
  readonly perDim?: readonly string[];
  /** Some kernels are positive definite on one dimension only. */
  readonly indefinite?: boolean;
  /** The kernel is defined for inputs of at least 0 only. */
  readonly nonNegative?: boolean;
}

/** Kernels have their own formulas, and backends know some of them: both are held to the same. */
const MATHS = [new TypeScriptLinearAlgebra(), WasmLinearAlgebra.create()];

const INPUTS = 3;
const SEED = 20;

/** The points that the GPy numbers were printed at. */
const GPY_X = [0.3, -1.2, 0.8];
const GPY_Z = [0.5, -0.4, 1.1];
const GPY_X_INDEX = 1;
const GPY_Z_INDEX = 2;

/** What every kernel has to satisfy: call it from the kernel's own spec. */
export function describeKernel(name: string, cases: readonly KernelCase[]): void {
  const everywhere = cases.flatMap((kernelCase) => MATHS.map((math) => ({ ...kernelCase, math })));
  describe.each(everywhere)(`${name}: $label, $math.name`, (kernelCase) => {
    const { spec, indexColumn, math, nonNegative = false } = kernelCase;
    const kernel = buildKernel(spec, INPUTS, math);
    const random = new Random(SEED);
    const Z = points(random, 9, indexColumn, nonNegative);
    const X = points(random, 5, indexColumn, nonNegative);
    X.row(0).set(Z.row(2));
    const columns = activeColumns(spec).filter((column) => column !== indexColumn);

    it('gives the values of its formula', () => {
      const value = oracle(kernelCase);
      const panel = panelOf(kernel, Z, X);
      for (let i = 0; i < Z.rows; i += 1) {
        for (let j = 0; j < X.rows; j += 1) close(panel.get(i, j), value(Z.row(i), X.row(j), false), 1e-13);
      }
      diagonalOf(kernel, X).forEach((k, j) => close(k, value(X.row(j), X.row(j), true), 1e-13));
    });

    it('gives the values of GPy or scikit-learn', () => {
      const printed = (kernelCase.gpy ?? kernelCase.sklearn) as PrintedValues;
      const point = (values: readonly number[]): readonly number[] =>
        nonNegative ? values.map(Math.abs) : values;
      const x = gpyPoint(point(GPY_X), indexColumn, GPY_X_INDEX);
      const z = gpyPoint(point(GPY_Z), indexColumn, GPY_Z_INDEX);
      close(panelOf(kernel, z, x).get(0, 0), printed.between, 1e-13);
      close(diagonalOf(kernel, x)[0], printed.diagonal, 1e-13);
    });

    it('is symmetric', () => {
      expect(maxDifference(panelOf(kernel, Z, X).transpose(), panelOf(kernel, X, Z))).toBeLessThan(1e-14);
    });

    it('gives a query the same value alone and in a panel', () => {
      const panel = panelOf(kernel, Z, X);
      for (let j = 0; j < X.rows; j += 1) {
        expect(panelOf(kernel, Z, X.slice(j, j + 1)).data).toEqual(panel.column(j));
      }
    });

    it('has a matrix that agrees with its panel and its diagonal', () => {
      const matrix = kernel.matrix(Z);
      const panel = panelOf(kernel, Z, Z);
      const diagonal = diagonalOf(kernel, Z);
      for (let i = 0; i < Z.rows; i += 1) {
        for (let j = 0; j < Z.rows; j += 1) {
          close(matrix.get(i, j), i === j ? diagonal[i] : panel.get(i, j), 1e-14);
        }
      }
    });

    it.skipIf(kernelCase.indefinite)('is positive semidefinite', () => {
      const K = kernel.matrix(points(random, 30, indexColumn, nonNegative));
      const trace = diagonalSum(K);
      for (let i = 0; i < K.rows; i += 1) K.data[i * K.cols + i] += 1e-12 * trace;
      expect(() => new TypeScriptLinearAlgebra().cholesky(K)).not.toThrow();
    });

    it('has the gradient of its values', () => {
      const weights = Float64Array.from({ length: Z.rows }, (_, i) => 0.3 * i - 1);
      const weighted = (x: Matrix): number =>
        panelOf(kernel, Z, x).data.reduce((sum, k, i) => sum + weights[i] * k, 0);
      for (let j = 1; j < X.rows; j += 1) {
        const gradient = new Float64Array(INPUTS);
        kernel.addGradient(Z, X.row(j), weights, gradient);
        expectGradient(gradient, X.row(j), columns, weighted);
      }
    });

    it('has the gradient of its diagonal', () => {
      for (let j = 0; j < X.rows; j += 1) {
        const gradient = new Float64Array(INPUTS);
        kernel.addDiagonalGradient(X.row(j), 1.5, gradient);
        expectGradient(gradient, X.row(j), columns, (x) => 1.5 * diagonalOf(kernel, x)[0]);
      }
    });

    it('adds to a gradient, and stays finite where points coincide', () => {
      const gradient = new Float64Array(INPUTS);
      kernel.addGradient(Z, X.row(0), new Float64Array(Z.rows).fill(1), gradient);
      expect(gradient.every(Number.isFinite)).toBe(true);
      const added = Float64Array.of(1, 2, 3);
      kernel.addGradient(Z, X.row(0), new Float64Array(Z.rows).fill(1), added);
      added.forEach((value, q) => close(value, gradient[q] + q + 1, 1e-14));
    });

    it('has a lower triangle that agrees with its matrix', () => {
      for (const m of [1, 2, 7, 41]) {
        const Q = points(random, m, indexColumn, nonNegative);
        const K = kernel.matrix(Q);
        const lower = new Float64Array(m * m).fill(NaN);
        kernel.lowerTriangle(Q, lower);
        for (let i = 0; i < m; i += 1)
          for (let j = 0; j <= i; j += 1) close(lower[i * m + j], K.get(i, j), 1e-14);
      }
    });

    it.runIf(kernel.parameters)('names its parameters, and their values', () => {
      for (const { parts, name, index = [], value } of kernel.parameters ?? []) {
        let part = spec;
        for (const a of parts) part = (part.parts ?? [])[a];
        let stated: unknown = part.params?.[name];
        for (const k of index) stated = (stated as unknown[])[k];
        expect(value).toBe(stated);
      }
    });

    it.runIf(kernel.parameters)('has the gradients of its panel by its parameters', () => {
      const W = uniform(random, Z.rows * X.rows);
      const gradients = new Float64Array(kernel.parameters?.length ?? 0).fill(1);
      kernel.addParameterGradients(Z, X, W, gradients);
      expectParameterGradients(kernel, gradients, math, (changed) =>
        panelOf(changed, Z, X).data.reduce((sum, k, i) => sum + W[i] * k, 1),
      );
    });

    it.runIf(kernel.parameters)('has the gradients of its diagonal by its parameters', () => {
      const weights = uniform(random, X.rows);
      const gradients = new Float64Array(kernel.parameters?.length ?? 0).fill(1);
      kernel.addDiagonalParameterGradients(X, weights, gradients);
      expectParameterGradients(kernel, gradients, math, (changed) =>
        diagonalOf(changed, X).reduce((sum, k, i) => sum + weights[i] * k, 1),
      );
    });

    it.runIf(kernel.parameters)('has the gradients of its matrix by its parameters', () => {
      for (const m of [1, 2, 7, 41]) {
        const Q = points(random, m, indexColumn, nonNegative);
        const W = Matrix.zeros(m, m);
        // The upper triangle is not to be read.
        for (let i = 0; i < m; i += 1) {
          for (let j = 0; j < m; j += 1) W.data[i * m + j] = j > i ? NaN : 2 * random.uniform() - 1;
        }
        const gradients = new Float64Array(kernel.parameters?.length ?? 0).fill(1);
        kernel.addMatrixParameterGradients(Q, W.data, gradients);
        expectParameterGradients(kernel, gradients, math, (changed) => {
          const K = changed.matrix(Q);
          let sum = 1;
          for (let i = 0; i < m; i += 1) {
            for (let j = 0; j <= i; j += 1) sum += (j < i ? 2 : 1) * W.get(i, j) * K.get(i, j);
          }
          return sum;
        });
      }
    });

    it.skipIf(kernel.parameters)('says that it cannot be trained', () => {
      const W = new Float64Array(Z.rows * X.rows);
      expect(() => kernel.addParameterGradients(Z, X, W, new Float64Array(9))).toThrow(
        UntrainableKernelError,
      );
    });

    it('ignores inactive columns', () => {
      const moved = new Matrix(X.rows, X.cols, X.data.slice());
      const active = activeColumns(spec);
      for (let j = 0; j < X.rows; j += 1) {
        for (let q = 0; q < INPUTS; q += 1) if (!active.includes(q)) moved.data[j * INPUTS + q] += 7;
      }
      expect(panelOf(kernel, Z, moved).data).toEqual(panelOf(kernel, Z, X).data);
    });

    it('stays finite for points far apart', () => {
      const far = gpyPoint([1e9, nonNegative ? 0 : -1e9, 1e9], indexColumn, 0);
      expect(panelOf(kernel, Z, far).data.every(Number.isFinite)).toBe(true);
    });

    it.each(kernelCase.perDim ?? [])('takes one %s for all dimensions', (parameter) => {
      const size = spec.dims?.length ?? INPUTS;
      const one = buildKernel({ ...spec, params: { ...spec.params, [parameter]: 0.8 } }, INPUTS, math);
      const each = Array<number>(size).fill(0.8);
      const many = buildKernel({ ...spec, params: { ...spec.params, [parameter]: each } }, INPUTS, math);
      expect(panelOf(one, Z, X).data).toEqual(panelOf(many, Z, X).data);
      const tooMany = { ...spec, params: { ...spec.params, [parameter]: [...each, 1] } };
      expect(() => buildKernel(tooMany, INPUTS)).toThrow(KernelSpecError);
    });

    it.each(Object.keys(spec.params ?? {}))('refuses a wrong %s', (parameter) => {
      const { [parameter]: _, ...others } = spec.params ?? {};
      expect(() => buildKernel({ ...spec, params: others }, INPUTS)).toThrow(`"${parameter}" is missing`);
      for (const wrong of [NaN, Infinity, 'x', null, [[1], [NaN]]] as unknown as number[]) {
        const params = { ...spec.params, [parameter]: wrong };
        expect(() => buildKernel({ ...spec, params }, INPUTS)).toThrow(KernelSpecError);
      }
    });
  });
}

/** Against five-point differences of `value`, which starts at 1 as the gradients do. */
function expectParameterGradients(
  kernel: Kernel,
  gradients: Float64Array,
  math: PanelMath,
  value: (changed: Kernel) => number,
): void {
  (kernel.parameters ?? []).forEach((parameter, k) => {
    const h = 2e-4 * Math.max(0.1, Math.abs(parameter.value));
    const at = (step: number): number =>
      value(buildKernel(withValue(kernel.spec, parameter, parameter.value + step), INPUTS, math));
    const difference = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
    expect(Math.abs(gradients[k] - 1 - difference), pathOf(parameter)).toBeLessThan(
      1e-7 * Math.max(1, Math.abs(difference)),
    );
  });
}

function withValue(
  spec: KernelSpec,
  { parts, name, index = [] }: KernelParameter,
  value: number,
): KernelSpec {
  const changed = structuredClone(spec) as unknown as {
    params: Record<string, unknown>;
    parts: (typeof changed)[];
  };
  let node = changed;
  for (const a of parts) node = node.parts[a];
  let holder = node.params as Record<string | number, unknown>;
  for (const key of [name, ...index].slice(0, -1)) holder = holder[key] as typeof holder;
  holder[[name, ...index].at(-1) ?? name] = value;
  return changed as unknown as KernelSpec;
}

function uniform(random: Random, count: number): Float64Array {
  return Float64Array.from({ length: count }, () => 2 * random.uniform() - 1);
}

function points(
  random: Random,
  count: number,
  indexColumn: number | undefined,
  nonNegative: boolean,
): Matrix {
  const X = Matrix.zeros(count, INPUTS);
  for (let k = 0; k < X.data.length; k += 1) {
    const u = random.uniform();
    X.data[k] = k % INPUTS === indexColumn ? Math.floor(3 * u) : 4 * u - (nonNegative ? -0.1 : 2);
  }
  return X;
}

function gpyPoint(point: readonly number[], indexColumn: number | undefined, index: number): Matrix {
  return Matrix.fromRows([point.map((x, q) => (q === indexColumn ? index : x))]);
}

/** Columns that some leaf of the tree looks at. */
function activeColumns(spec: KernelSpec): number[] {
  if (spec.parts !== undefined) return [...new Set(spec.parts.flatMap(activeColumns))];
  return [...(spec.dims ?? Array.from({ length: INPUTS }, (_, q) => q))];
}

function oracle({ spec, formula }: KernelCase): (z: Float64Array, x: Float64Array, same: boolean) => number {
  const compiled = compile(formula);
  const columns = spec.parts === undefined ? activeColumns(spec) : [0, 1, 2];
  const pick = (point: Float64Array): number[] => columns.map((column) => point[column]);
  return (z, x, same) =>
    Number(compiled.evaluate({ ...structuredClone(spec.params), x: pick(x), z: pick(z), same }));
}

function panelOf(kernel: Kernel, Z: Matrix, X: Matrix): Matrix {
  // Filled with NaN: a kernel has to write every entry.
  const panel = new Matrix(Z.rows, X.rows, new Float64Array(Z.rows * X.rows).fill(NaN));
  kernel.panel(Z, X, panel.data);
  return panel;
}

function diagonalOf(kernel: Kernel, X: Matrix): Float64Array {
  const diagonal = new Float64Array(X.rows).fill(NaN);
  kernel.diagonal(X, diagonal);
  return diagonal;
}

/** Against a five-point difference in the given columns; 0 in the others. */
function expectGradient(
  gradient: Float64Array,
  x: Float64Array,
  columns: readonly number[],
  value: (x: Matrix) => number,
): void {
  const h = 1e-3;
  const at = (q: number, step: number): number => value(new Matrix(1, INPUTS, x.with(q, x[q] + step)));
  gradient.forEach((derivative, q) => {
    const difference = columns.includes(q)
      ? (8 * (at(q, h) - at(q, -h)) - (at(q, 2 * h) - at(q, -2 * h))) / (12 * h)
      : 0;
    close(derivative, difference, 1e-8);
  });
}

function close(actual: number, expected: number, tolerance: number): void {
  expect(Math.abs(actual - expected), `${actual} against ${expected}`).toBeLessThanOrEqual(
    tolerance * Math.max(1, Math.abs(expected)),
  );
}

function maxDifference(A: Matrix, B: Matrix): number {
  return A.data.reduce((worst, value, k) => Math.max(worst, Math.abs(value - B.data[k])), 0);
}

function diagonalSum(K: Matrix): number {
  let sum = 0;
  for (let i = 0; i < K.rows; i += 1) sum += K.get(i, i);
  return sum;
}
