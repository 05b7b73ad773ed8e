import { NotPositiveDefiniteError } from '../../errors.js';
import type { LinearAlgebra } from '../linear-algebra.js';
import { Matrix } from '../matrix.js';
import { type PointPairs, STATIONARY_SHAPES, type StationaryProfile } from '../panel-math.js';
import { TypeScriptLinearAlgebra } from '../typescript-linear-algebra.js';
import type { Block } from './block-list.js';
import { HeapScratch } from './heap-scratch.js';
import { Staging } from './staging.js';
import { WasmHeap } from './wasm-heap.js';
import { instantiate, type WasmExports, wasmModule } from './wasm-module.js';

/** Reserved for the working memory of a thread, and used as far as it is written to. */
const SCRATCH_BYTES = 64 * 2 ** 20;
/** Where an operation reads a matrix so often that copying one from outside the heap pays. */
const WORTH_COPYING = 8;
/** The panel stays in the second-level cache, and a row of L meets as many queries as possible. */
const PANEL_BYTES = 256 * 1024;
const WIDEST_PANEL = 32;
/** What `stationaryPanel` and `periodicPanel` want beside the queries, in doubles. */
const PANEL_WORK = 1024 + 8;

/** Zeros behind the gathered queries, which rows of a multiple of four may read. */
const ROW_END = 4;
/** Doubles of a matrix outside the heap that are copied at once. */
const BLOCK_VALUES = 2 ** 18;
/** Shapes of which `stationarySums` knows the slopes. */
const SUMMED: readonly StationaryProfile['shape'][] = ['rbf', 'exponential', 'matern32', 'matern52'];

/** What another thread needs to work on the same heap: it can be posted to a worker as it is. */
export interface WasmShare {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** Working memory of the other thread alone. */
  readonly scratch: Block;
}

/**
 * WebAssembly SIMD: two doubles an instruction, with fused multiply-add where the engine has it. Always available.
 *
 * A query's mean and variance have the same bits alone and in any panel: sums run in one order. Matrices in the heap
 * are used where they are; others are copied in, or left to plain TypeScript where copying does not pay.
 */
export class WasmLinearAlgebra implements LinearAlgebra {
  readonly name = 'wasm';
  readonly heap: WasmHeap;
  readonly scratch: HeapScratch;
  readonly #module: WebAssembly.Module;
  readonly #wasm: WasmExports;
  readonly #staging: Staging;
  readonly #outside = new TypeScriptLinearAlgebra();
  /** Frees what was adopted and then forgotten. */
  readonly #forgotten = new FinalizationRegistry<Block>((block) => {
    this.heap.free(this.heap.view(block));
  });

  private constructor(heap: WasmHeap, module: WebAssembly.Module, scratch: Block) {
    this.heap = heap;
    this.#module = module;
    this.#wasm = instantiate(module, heap.memory);
    this.scratch = new HeapScratch(heap, scratch);
    this.#staging = new Staging(heap, this.scratch);
  }

  /** A backend with a heap of its own, of at most `maximumBytes` (4 GiB). */
  static create(maximumBytes?: number, module = wasmModule()): WasmLinearAlgebra {
    const heap = WasmHeap.create(maximumBytes);
    return new WasmLinearAlgebra(heap, module, allocateScratch(heap, SCRATCH_BYTES));
  }

  /** The backend of another thread, on the heap of the one that made `share`. */
  static attach({ memory, module, scratch }: WasmShare): WasmLinearAlgebra {
    return new WasmLinearAlgebra(WasmHeap.attach(memory), module, scratch);
  }

  /** For one other thread. Throws RangeError where the heap is full, or this thread is not its owner. */
  share(scratchBytes = SCRATCH_BYTES): WasmShare {
    return {
      module: this.#module,
      memory: this.heap.memory,
      scratch: allocateScratch(this.heap, scratchBytes),
    };
  }

  /** Takes back the working memory of a thread that has ended. */
  unshare({ scratch }: WasmShare): void {
    this.heap.free(this.heap.view(scratch));
  }

  panelWidth(n: number): number {
    const width = Math.floor(PANEL_BYTES / (8 * n)) & ~7;
    return Math.max(8, Math.min(WIDEST_PANEL, width));
  }

  /** Where the heap is full, or another thread's, the matrix stays where it is, and its model is slower. */
  adopt(matrix: Matrix): Matrix {
    const { rows, cols, data } = matrix;
    if (this.heap.owns(data) || !this.heap.isOwner) return matrix;
    const copy = this.#allocate(data.length);
    if (copy === undefined) return matrix;
    copy.set(data);
    this.#forgotten.register(copy, { byteOffset: copy.byteOffset, byteLength: copy.byteLength }, copy);
    return new Matrix(rows, cols, copy);
  }

  release({ data }: Matrix): void {
    if (this.#forgotten.unregister(data)) this.heap.free(data);
  }

  /** Always careful: a sum begins with what its terms are subtracted from. */
  cholesky(A: Matrix, careful = false): Matrix {
    const n = A.rows;
    const staging = this.#staging.begin();
    try {
      const a = staging.copy(A.data);
      const work = staging.reserve(16 * n);
      if (a === 0 || work === 0) return this.#outside.cholesky(A, careful);
      const pivot = this.#wasm.cholesky(a, n, n, work);
      const factor = this.heap.view({ byteOffset: a, byteLength: 8 * n * n });
      if (pivot < n) throw new NotPositiveDefiniteError(pivot, factor[pivot * n + pivot]);
      const L = Matrix.zeros(n, n);
      for (let i = 0; i < n; i += 1) L.data.set(factor.subarray(i * n, i * n + i + 1), i * n);
      return L;
    } finally {
      staging.end();
    }
  }

  choleskyInPlace(A: Matrix, careful = false): void {
    if (!this.#eliminate(A, A.rows)) this.#outside.choleskyInPlace(A, careful);
  }

  eliminateInPlace(A: Matrix, columns: number): void {
    if (!this.#eliminate(A, columns)) this.#outside.eliminateInPlace(A, columns);
  }

  /** Whether there was room for it. */
  #eliminate(A: Matrix, columns: number): boolean {
    const n = A.rows;
    const staging = this.#staging.begin();
    try {
      const a = staging.update(A.data);
      const work = staging.reserve(16 * n);
      if (a === 0 || work === 0) return false;
      const pivot = this.#wasm.cholesky(a, n, columns, work);
      if (pivot < n) throw new NotPositiveDefiniteError(pivot, staging.doubles[a / 8 + pivot * (n + 1)]);
      staging.copyBack();
      return true;
    } finally {
      staging.end();
    }
  }

  invertCholesky(L: Matrix): void {
    const n = L.rows;
    const staging = this.#staging.begin();
    try {
      const l = staging.update(L.data);
      const work = staging.reserve(32 * n);
      if (l === 0 || work === 0) {
        this.#outside.invertCholesky(L);
        return;
      }
      this.#wasm.invertCholesky(l, n, work);
      staging.copyBack();
    } finally {
      staging.end();
    }
  }

  solveLower(L: Matrix, panel: Matrix): void {
    const { solveLowerColumn, solveLower } = this.#wasm;
    if (!this.#solve(L, panel, solveLowerColumn, solveLower)) this.#outside.solveLower(L, panel);
  }

  solveLowerTranspose(L: Matrix, panel: Matrix): void {
    const { solveLowerTransposeColumn, solveLowerTranspose } = this.#wasm;
    if (!this.#solve(L, panel, solveLowerTransposeColumn, solveLowerTranspose)) {
      this.#outside.solveLowerTranspose(L, panel);
    }
  }

  multiply(A: Matrix, B: Matrix, out: Matrix): void {
    const { rows: n, cols: k } = A;
    const m = B.cols;
    const staging = this.#staging.begin();
    try {
      const a = staging.read(A.data, m >= WORTH_COPYING);
      const b = staging.read(B.data);
      const o = staging.write(out.data);
      const work = m === 1 ? 0 : staging.reserve(4 * (n + k));
      if (a === 0 || b === 0 || o === 0 || (work === 0 && m !== 1)) {
        this.#outside.multiply(A, B, out);
        return;
      }
      if (m === 1) this.#wasm.multiplyColumn(a, n, k, b, o);
      else this.#wasm.multiply(a, 8 * k, 8, n, k, b, m, o, work);
      staging.copyBack();
    } finally {
      staging.end();
    }
  }

  transposeMultiply(A: Matrix, B: Matrix, out: Matrix): void {
    const { rows: n, cols: m } = A;
    const q = B.cols;
    const staging = this.#staging.begin();
    try {
      const a = staging.read(A.data, q >= WORTH_COPYING);
      const b = staging.read(B.data);
      const o = staging.write(out.data);
      const work = staging.reserve(q < 4 ? 2 * m + 4 : 4 * (n + m));
      if (a === 0 || b === 0 || o === 0 || work === 0) {
        this.#outside.transposeMultiply(A, B, out);
        return;
      }
      if (q < 4) {
        for (let c = 0; c < 8 * q; c += 8) {
          this.#wasm.weightedColumnSums(a, n, m, b + c, 8 * q, o + c, 8 * q, work);
        }
      } else {
        this.#wasm.multiply(a, 8, 8 * m, m, n, b, q, o, work);
      }
      staging.copyBack();
    } finally {
      staging.end();
    }
  }

  gram(A: Matrix, out: Matrix): void {
    const { rows: n, cols: m } = A;
    const staging = this.#staging.begin();
    try {
      const a = staging.read(A.data);
      const o = staging.write(out.data);
      const work = staging.reserve(4 * (n + m));
      if (a === 0 || o === 0 || work === 0) {
        this.#outside.gram(A, out);
        return;
      }
      this.#wasm.gram(a, n, m, o, work);
      staging.copyBack();
    } finally {
      staging.end();
    }
  }

  subtractColumnSquares(A: Matrix, out: Float64Array): void {
    const staging = this.#staging.begin();
    try {
      const a = staging.read(A.data, false);
      const o = staging.update(out);
      if (a === 0 || o === 0) {
        this.#outside.subtractColumnSquares(A, out);
        return;
      }
      this.#wasm.subtractColumnSquares(a, A.rows, A.cols, o);
      staging.copyBack();
    } finally {
      staging.end();
    }
  }

  columnDots(A: Matrix, B: Matrix, out: Float64Array): void {
    const staging = this.#staging.begin();
    try {
      const a = staging.read(A.data, false);
      const b = staging.read(B.data, false);
      const o = staging.write(out);
      const work = staging.reserve(2 * A.cols + 4);
      if (a === 0 || b === 0 || o === 0 || work === 0) {
        this.#outside.columnDots(A, B, out);
        return;
      }
      this.#wasm.columnDots(a, b, A.rows, A.cols, o, work);
      staging.copyBack();
    } finally {
      staging.end();
    }
  }

  stationaryPanel(profile: StationaryProfile, points: PointPairs, out: Float64Array): boolean {
    const { shape, variance, parameter = 0 } = profile;
    const { Z, X, dims } = points;
    const staging = this.#staging.begin();
    try {
      const z = staging.read(Z.data);
      const o = staging.write(out);
      const at = this.#pointArguments(points, points.scale, staging);
      if (z === 0 || o === 0 || at === undefined) return false;
      this.#wasm.stationaryPanel(
        STATIONARY_SHAPES.indexOf(shape),
        variance,
        parameter,
        dims.length,
        at.columns,
        at.scale,
        z,
        8 * Z.cols,
        Z.rows,
        at.queries,
        X.rows,
        o,
        at.work,
      );
      staging.copyBack();
      return true;
    } finally {
      staging.end();
    }
  }

  stationaryTriangle(profile: StationaryProfile, points: PointPairs, out: Float64Array): boolean {
    const { shape, variance, parameter = 0 } = profile;
    const { X, dims } = points;
    const m = X.rows;
    return this.#byRows(out, m, m, (first, rows, block) => {
      const staging = this.#staging.begin();
      try {
        const z = staging.read(X.data);
        const o = staging.write(block);
        const at = this.#pointArguments(points, points.scale, staging, 2 * (m + 4));
        if (z === 0 || o === 0 || at === undefined) return false;
        this.#wasm.stationaryTriangle(
          STATIONARY_SHAPES.indexOf(shape),
          variance,
          parameter,
          dims.length,
          at.columns,
          at.scale,
          z + 8 * X.cols * first,
          8 * X.cols,
          first,
          rows,
          at.queries,
          m,
          o,
          8 * m,
          at.work,
        );
        staging.copyBack();
        return true;
      } finally {
        staging.end();
      }
    });
  }

  stationarySums(
    { shape, variance }: StationaryProfile,
    part: 'panel' | 'triangle',
    points: PointPairs,
    W: Float64Array,
    sums: Float64Array,
  ): boolean {
    const shapeIndex = STATIONARY_SHAPES.indexOf(shape);
    if (!SUMMED.includes(shape)) return false;
    const { Z, X, dims } = points;
    const m = X.rows;
    sums.fill(0);
    return this.#byRows(W, Z.rows, m, (first, rows, block) => {
      const staging = this.#staging.begin();
      try {
        const z = staging.read(Z.data);
        const w = staging.read(block);
        const s = staging.update(sums);
        const at = this.#pointArguments(points, points.scale, staging, 2 * (m + 4));
        if (z === 0 || w === 0 || s === 0 || at === undefined) return false;
        this.#wasm.stationarySums(
          shapeIndex,
          variance,
          dims.length,
          at.columns,
          at.scale,
          z + 8 * Z.cols * first,
          8 * Z.cols,
          first,
          rows,
          at.queries,
          m,
          part === 'triangle' ? 1 : 0,
          w,
          8 * m,
          s,
          at.work,
        );
        staging.copyBack();
        return true;
      } finally {
        staging.end();
      }
    });
  }

  periodicPanel(variance: number, frequency: Float64Array, points: PointPairs, out: Float64Array): boolean {
    const { Z, X, dims, scale } = points;
    const staging = this.#staging.begin();
    try {
      const z = staging.read(Z.data);
      const o = staging.write(out);
      const at = this.#pointArguments(points, [...scale, ...frequency], staging);
      if (z === 0 || o === 0 || at === undefined) return false;
      const d = dims.length;
      this.#wasm.periodicPanel(
        variance,
        d,
        at.columns,
        at.scale,
        z,
        8 * Z.cols,
        Z.rows,
        at.queries,
        X.rows,
        o,
        at.work,
      );
      staging.copyBack();
      return true;
    } finally {
      staging.end();
    }
  }

  addValues(values: Float64Array, out: Float64Array): void {
    if (!this.heap.owns(values) || !this.heap.owns(out)) this.#outside.addValues(values, out);
    else this.#wasm.addValues(values.byteOffset, out.byteOffset, out.length);
  }

  multiplyValues(values: Float64Array, out: Float64Array): void {
    if (!this.heap.owns(values) || !this.heap.owns(out)) this.#outside.multiplyValues(values, out);
    else this.#wasm.multiplyValues(values.byteOffset, out.byteOffset, out.length);
  }

  /** The rows of a matrix at once where it is in the heap, else in blocks that working memory has room for. */
  #byRows(
    matrix: Float64Array,
    rows: number,
    cols: number,
    visit: (first: number, rows: number, block: Float64Array) => boolean,
  ): boolean {
    const step = this.heap.owns(matrix) ? rows : Math.max(1, Math.floor(BLOCK_VALUES / cols));
    for (let first = 0; first < rows; first += step) {
      const count = Math.min(step, rows - first);
      if (!visit(first, count, matrix.subarray(first * cols, (first + count) * cols))) return false;
    }
    return true;
  }

  /** What a panel's points are to the WebAssembly code: column offsets, parameters, gathered queries, work. */
  #pointArguments(
    { X, dims }: PointPairs,
    parameters: ArrayLike<number>,
    staging: Staging,
    least = PANEL_WORK,
  ): { columns: number; scale: number; queries: number; work: number } | undefined {
    const d = dims.length;
    const m = X.rows;
    const lengths = [(d + 1) >> 1, parameters.length, d * m + ROW_END];
    const scale = (lengths[0] + 7) & ~7;
    const queries = scale + ((lengths[1] + 7) & ~7);
    const work = queries + ((lengths[2] + 7) & ~7);
    const columns = staging.reserve(work + Math.max(m, least));
    if (columns === 0) return undefined;
    const { doubles, words } = staging;
    const at = columns / 8;
    for (let q = 0; q < d; q += 1) words[2 * at + q] = 8 * dims[q];
    for (let k = 0; k < parameters.length; k += 1) doubles[at + scale + k] = parameters[k];
    for (let q = 0, to = at + queries; q < d; q += 1) {
      for (let j = 0, from = dims[q]; j < m; j += 1, from += X.cols, to += 1) doubles[to] = X.data[from];
    }
    doubles.fill(0, at + queries + d * m, at + queries + d * m + ROW_END);
    return { columns, scale: columns + 8 * scale, queries: columns + 8 * queries, work: columns + 8 * work };
  }

  /** By the function for one column or for a panel; false where the scratch has no room for what lies outside. */
  #solve(
    L: Matrix,
    panel: Matrix,
    column: WasmExports['solveLowerColumn'],
    wide: WasmExports['solveLower'],
  ): boolean {
    const n = L.rows;
    const m = panel.cols;
    const staging = this.#staging.begin();
    try {
      const l = staging.read(L.data, m >= WORTH_COPYING);
      const p = staging.update(panel.data);
      const work = m === 1 ? 0 : staging.reserve(4 * n);
      if (l === 0 || p === 0 || (work === 0 && m !== 1)) return false;
      const stride = 8 * L.cols;
      if (m === 1) column(l, stride, n, p);
      else wide(l, stride, n, p, m, work);
      staging.copyBack();
      return true;
    } finally {
      staging.end();
    }
  }

  #allocate(length: number): Float64Array | undefined {
    try {
      return this.heap.allocate(length);
    } catch (error) {
      if (error instanceof RangeError) return undefined;
      throw error;
    }
  }
}

function allocateScratch(heap: WasmHeap, byteLength: number): Block {
  const { byteOffset } = heap.allocate(byteLength / 8);
  return { byteOffset, byteLength };
}
