import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import type { WorkerPool } from '../../common/pool/worker-pool.js';
import { Matrix } from '../../numeric/linalg/matrix.js';
import { workInParts } from '../in-parts.js';
import { Model, type ModelDescription, type OptionalMethod, type Variable } from '../model.js';
import type { PredictOptions, Prediction } from '../prediction.js';
import type { Graph } from './graph.js';
import { variablesOf } from './graph-signature.js';
import { runGraphTask } from './run.task.js';
import { requireFitting } from './tensors.js';

export const ONNX = 'onnx';

/** Longest that the HTTP thread computes at a time, and what one task of a worker should take. */
const IN_PLACE_MS = 4;
const TASK_MS = 12;
/** Rows of one run: more gain nothing, and take memory for every layer. */
const MOST_ROWS = 4096;

/** The graph of an ONNX file: deterministic, in the precision of its tensors. */
export class OnnxModel extends Model {
  readonly type = ONNX;
  readonly inputs: readonly Variable[];
  readonly outputs: readonly Variable[];
  protected readonly supported: ReadonlySet<OptionalMethod> = new Set();
  readonly #key = randomUUID();
  #released = false;

  /** `file`: its bytes, in shared memory, for the workers. `rowMs`: about what a row takes. */
  constructor(
    private readonly graph: Graph,
    private readonly file: Uint8Array,
    private readonly rowMs: number,
    private readonly pool: WorkerPool,
    private readonly runtimeVersion: string,
  ) {
    super();
    this.inputs = variablesOf(graph.signature.inputs.tensors, 'x');
    this.outputs = variablesOf(graph.signature.outputs);
  }

  override get bytes(): number {
    return this.file.byteLength;
  }

  async predict(X: Matrix, _options: PredictOptions, signal?: AbortSignal): Promise<Prediction> {
    signal?.throwIfAborted();
    const { signature } = this.graph;
    requireFitting(X, signature.inputs.tensors, this.inputs);
    const { rows } = X;
    const cols = this.outputs.length;
    if (rows <= MOST_ROWS && rows * this.rowMs <= IN_PLACE_MS) {
      const mean = Matrix.zeros(rows, cols);
      await this.graph.run(X, mean, 0, rows);
      return { mean };
    }
    const shared = Matrix.shared(rows, X.cols);
    shared.data.set(X.data);
    const table = Matrix.shared(rows, cols);
    const size = Math.min(MOST_ROWS, Math.max(1, Math.ceil(TASK_MS / this.rowMs)));
    const { file: bytes } = this;
    await workInParts(
      { rows, size, atOnce: this.pool.threads },
      (start, end) =>
        this.pool.run(runGraphTask, { key: this.#key, bytes, signature, X: shared, table, start, end }),
      signal,
    );
    return { mean: table };
  }

  override estimateSeconds(rows: number): number {
    return (rows * this.rowMs) / 1000 / this.pool.threads;
  }

  describe(): ModelDescription {
    const { inputs, outputs } = this.graph.signature;
    const types = [...inputs.tensors, ...outputs].map(({ type }) => type);
    return {
      precision: types.includes('float32') ? 'float32' : 'float64',
      inputTensors: inputs.tensors,
      outputTensors: outputs,
      ...(inputs.batch !== undefined && { rowsPerRun: inputs.batch }),
      runtime: `ONNX Runtime ${this.runtimeVersion}`,
    };
  }

  /** Workers close their copies when they need room, or end. */
  override release(): void {
    if (this.#released) return;
    this.#released = true;
    // A session that is closed already is as it should be.
    this.graph.release().catch(() => undefined);
  }
}

/** About how long a row takes, in milliseconds: the second of two runs of a few rows. */
export async function measureRow(graph: Graph, cols: number, outputs: number): Promise<number> {
  const rows = 16;
  const X = Matrix.zeros(rows, cols);
  const table = Matrix.zeros(rows, outputs);
  await graph.run(X, table, 0, rows);
  const before = performance.now();
  await graph.run(X, table, 0, rows);
  return Math.max((performance.now() - before) / rows, 1e-6);
}
