import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Config } from '../../common/config/config.js';
import type { Task } from '../../common/pool/task.js';
import { WorkerPool } from '../../common/pool/worker-pool.js';
import { Backend } from '../../compute/backend.js';
import type { GpDiagnostics } from '../../numeric/diagnostics/gp-diagnostics.js';
import { GaussianProcess } from '../../numeric/gp/gaussian-process.js';
import type { GpState } from '../../numeric/gp/gp-state.js';
import { type PostedState, postState } from '../../numeric/gp/posted-state.js';
import type { LinearAlgebra } from '../../numeric/linalg/linear-algebra.js';
import { Matrix } from '../../numeric/linalg/matrix.js';
import { reviveMatrices, revivePrediction } from '../cloned.js';
import { ObservationsRefusedError } from '../model-errors.js';
import type { ModelFile } from '../model-file.js';
import { isJoint, type PredictOptions, type Prediction } from '../prediction.js';
import { diagnoseTask } from './diagnose.task.js';
import type { Provenance } from '../provenance.js';
import { importTask } from './import.task.js';
import type { ImportedGp } from './importers/importer.js';
import { type SavedGp, saveGp } from './importers/safetensors/save-gp.js';
import { shareBackend } from './backend-shares.js';
import { type JointPrediction, predictJointly, predictRows } from './compute-prediction.js';
import { observeTask } from './observe.task.js';
import { predictTask, SHARED_BACKEND } from './predict.task.js';
import { RowBatcher } from './row-batcher.js';
import { saveTask } from './save.task.js';
import { workInParts } from '../in-parts.js';
import { concatenatePredictions } from '../prediction-parts.js';

/** Longest that the HTTP thread computes at a time, and what one task of a worker should take. */
const IN_PLACE_MS = 4;
const TASK_MS = 12;
/** Estimates, in milliseconds: one multiply-add of a solve, one value of a kernel. */
const SOLVE_MS = 6e-8;
const KERNEL_MS = 5e-6;
/** One input of the distance to one point. */
const DISTANCE_MS = 1e-6;
/** A row of a model with so many points gains from company: a panel costs a third of its rows one by one. */
const BATCHED_POINTS = 64;
const BATCHED_ROWS = 4;
/** A panel of so many rows costs hardly more than one row of a model that is read from memory. */
const LEAST_BATCHED = 8;
const MOST_BATCHED = 64;
/** Larger models are written to a file's bytes, and digested, by a worker. */
const SAVE_IN_PLACE_BYTES = 1024 * 1024;
/** A gradient evaluates the kernel's slopes and solves twice. */
const GRADIENT_FACTOR = 4;

/** A GP whose arrays every thread sees, and the decision where its work is done. */
export class SharedGp {
  readonly gp: GaussianProcess;
  readonly #batcher: RowBatcher;
  readonly #key = randomUUID();
  readonly #posted: PostedState;
  #released = false;

  constructor(
    state: GpState,
    private readonly pool: WorkerPool,
    private readonly backend: Backend,
    private readonly maxModelBytes: number,
  ) {
    this.gp = new GaussianProcess(state, backend.linalg);
    this.#posted = postState(this.gp.state, backend.heap);
    // Who shares a panel with a row is chance, and must not show in its answer.
    this.#batcher = new RowBatcher(
      new GaussianProcess(this.gp.state, backend.steady),
      Math.min(MOST_BATCHED, Math.max(LEAST_BATCHED, Math.floor(IN_PLACE_MS / this.#rowMs({})))),
    );
  }

  get bytes(): number {
    return this.#arrays.reduce((bytes, { byteLength }) => bytes + byteLength, 0);
  }

  /** Gives the arrays' memory back: no prediction is running, and none must come. */
  release(): void {
    if (this.#released) return;
    this.#released = true;
    this.gp.dispose();
  }

  /** With all workers at it; what is joint is done by one. */
  estimateSeconds(rows: number, options: PredictOptions): number {
    const jointMs = isJoint(options) ? this.#jointMs(rows, options) : 0;
    return ((this.#rowMs(options) * rows) / this.pool.threads + jointMs) / 1000;
  }

  /** What a row's last bits depend on: its place in a panel, and its panel's width. */
  get rowsTogether(): number {
    return this.backend.linalg.panelWidth(this.gp.state.Z.rows);
  }

  /** Small requests in place; large ones in parts over the workers, which stop when `signal` aborts. */
  async predict(X: Matrix, options: PredictOptions, signal?: AbortSignal): Promise<Prediction> {
    const jointly = isJoint(options);
    const points = this.gp.state.Z.rows;
    if (X.rows <= BATCHED_ROWS && points >= BATCHED_POINTS && !jointly && options.gradients !== true) {
      return this.#batcher.predict(X, options);
    }
    const rowMs = this.#rowMs(options);
    const jointMs = jointly ? this.#jointMs(X.rows, options) : 0;
    if (rowMs * X.rows + jointMs <= IN_PLACE_MS) {
      return { ...predictRows(this.gp, X, options), ...predictJointly(this.gp, X, options) };
    }
    const shared = shareMatrix(X);
    const perRow = await this.#predictInParts(shared, options, this.#partRows(rowMs), signal);
    return jointly
      ? { ...perRow, ...(await this.#run(shared, 0, X.rows, options, 'joint', signal)) }
      : perRow;
  }

  /** On a worker, whatever the size: `indexInputs` pick one of several outputs. */
  async diagnose(indexInputs: readonly number[], signal?: AbortSignal): Promise<GpDiagnostics> {
    const input = { key: this.#key, state: this.#posted, indexInputs };
    return reviveMatrices(await this.pool.run(diagnoseTask, input, [], signal));
  }

  /** What the importer would make of a model with these observations as well, on a worker. */
  async observe(
    facts: Omit<ImportedGp, 'state'>,
    X: Matrix,
    Y: Matrix,
    signal?: AbortSignal,
  ): Promise<ImportedGp> {
    const points = this.gp.state.Z.rows + X.rows;
    const bytes = 8 * points * (points + X.cols);
    if (bytes > this.maxModelBytes) {
      throw new ObservationsRefusedError(
        `The model would have ${points} points and need ${bytes} bytes, more than MAX_MODEL_BYTES allows (${this.maxModelBytes}).`,
      );
    }
    const input = { state: this.#posted, facts, X, Y };
    return reviveMatrices(await this.pool.run(observeTask, input, [], signal));
  }

  /** The bytes of the model's file. */
  async save(saved: Omit<SavedGp, 'state'>, provenance: Provenance): Promise<Uint8Array> {
    if (this.bytes <= SAVE_IN_PLACE_BYTES) return saveGp({ ...saved, state: this.gp.state }, provenance);
    return this.pool.run(saveTask, { state: this.#posted, saved, provenance });
  }

  get #arrays(): Float64Array[] {
    const { Z, alpha, factor } = this.gp.state;
    return [Z.data, alpha.data, factor.type === 'cholesky' ? factor.L.data : factor.W.data];
  }

  /** At most one task a worker at a time, so that requests that come later get their turn. */
  async #predictInParts(
    X: Matrix,
    options: PredictOptions,
    rows: number,
    signal?: AbortSignal,
  ): Promise<Prediction> {
    const parts: Prediction[] = [];
    await workInParts(
      { rows: X.rows, size: rows, atOnce: this.pool.threads },
      async (start, end) => {
        parts[start / rows] = (await this.#run(X, start, end, options, 'rows', signal)) as Prediction;
      },
      signal,
    );
    return concatenatePredictions(parts);
  }

  async #run(
    X: Matrix,
    start: number,
    end: number,
    options: PredictOptions,
    what: 'rows' | 'joint',
    signal: AbortSignal | undefined,
  ): Promise<Prediction | JointPrediction> {
    const input = { key: this.#key, state: this.#posted, X, start, end, options, what };
    return revivePrediction((await this.pool.run(predictTask, input, [], signal)) as Prediction);
  }

  #rowMs({ meanOnly = false, gradients = false, trust = false }: PredictOptions): number {
    const { rows: n, cols: d } = this.gp.state.Z;
    const nearest = trust ? n * d * DISTANCE_MS : 0;
    const mean = n * KERNEL_MS;
    const variance = meanOnly ? 0 : n * n * SOLVE_MS;
    return (mean + variance) * (gradients ? GRADIENT_FACTOR : 1) + nearest;
  }

  /** Rows of a task: whole panels, since one that is not full costs nearly as much. */
  #partRows(rowMs: number): number {
    const width = this.rowsTogether;
    return width * Math.max(1, Math.round(TASK_MS / rowMs / width));
  }

  #jointMs(m: number, { samples = 0 }: PredictOptions): number {
    const n = this.gp.state.Z.rows;
    return m * m * (KERNEL_MS + (n + m + samples) * SOLVE_MS);
  }
}

/** Makes GPs whose arrays lie in memory that the workers share. */
@Injectable()
export class GpEngine {
  constructor(
    private readonly pool: WorkerPool,
    private readonly backend: Backend,
    private readonly config: Config,
  ) {
    pool.share(SHARED_BACKEND, shareBackend(backend, pool.threads));
  }

  get linalg(): LinearAlgebra {
    return this.backend.linalg;
  }

  /** Reads a model file on a worker. Throws the ModelFileError that it is refused with. */
  async import({ path }: ModelFile, maxModelBytes: number): Promise<ImportedGp> {
    return reviveMatrices(await this.pool.run(importTask, { path, maxModelBytes }));
  }

  /** Runs a task on a worker that computes on the arrays of this process: see `withBackend`. Throws as WorkerPool does. */
  run<Input, Output>(task: Task<Input, Output>, input: Input, signal?: AbortSignal): Promise<Output> {
    return this.pool.run(task, input, [], signal);
  }

  /** Throws GpStateError or KernelSpecError where the parts do not fit together. */
  create(state: GpState): SharedGp {
    return new SharedGp(state, this.pool, this.backend, this.config.maxModelBytes);
  }
}

/** The matrix, or a copy, which clones to other threads without its numbers being copied. */
export function shareMatrix(matrix: Matrix): Matrix {
  const { rows, cols, data } = matrix;
  if (data.buffer instanceof SharedArrayBuffer) return matrix;
  const shared = new Float64Array(new SharedArrayBuffer(data.byteLength));
  shared.set(data);
  return new Matrix(rows, cols, shared);
}
