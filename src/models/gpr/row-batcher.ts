import type { GaussianProcess } from '../../numeric/gp/gaussian-process.js';
import { Matrix } from '../../numeric/linalg/matrix.js';
import type { PredictOptions, Prediction } from '../prediction.js';
import { predictRows } from './compute-prediction.js';
import { slicePrediction } from './prediction-parts.js';

/** Rows computed together; more would keep the last caller waiting for longer than its own row takes. */
const MOST_ROWS = 64;

interface Waiting {
  readonly X: Matrix;
  readonly options: PredictOptions;
  readonly resolve: (prediction: Prediction) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Gathers the small requests that arrive in one turn of the event loop into one panel: the factor of a large model is
 * then read from memory once for all of them. Nobody waits for a clock: the turn's end is the end of the batch, and a
 * request that is alone is computed alone.
 */
export class RowBatcher {
  #waiting: Waiting[] = [];

  constructor(private readonly gp: GaussianProcess) {}

  predict(X: Matrix, options: PredictOptions): Promise<Prediction> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length === 0) setImmediate(() => this.#flush());
      this.#waiting.push({ X, options, resolve, reject });
    });
  }

  #flush(): void {
    const all = this.#waiting;
    this.#waiting = [];
    const groups = new Map<string, Waiting[]>();
    for (const waiting of all) {
      const key = JSON.stringify(waiting.options);
      const group = groups.get(key);
      if (group) group.push(waiting);
      else groups.set(key, [waiting]);
    }
    for (const group of groups.values()) {
      for (const batch of batches(group)) this.#compute(batch);
    }
  }

  /** Each caller gets its own rows. Where the batch fails, each is computed alone, and fails alone. */
  #compute(batch: readonly Waiting[]): void {
    if (batch.length > 1) {
      try {
        const together = predictRows(this.gp, stack(batch), batch[0].options);
        let start = 0;
        for (const { X, resolve } of batch) {
          resolve(slicePrediction(together, start, start + X.rows));
          start += X.rows;
        }
        return;
      } catch {
        // One row of the batch is at fault: below, it is found.
      }
    }
    for (const { X, options, resolve, reject } of batch) {
      try {
        resolve(predictRows(this.gp, X, options));
      } catch (error) {
        reject(error);
      }
    }
  }
}

function* batches(group: readonly Waiting[]): Generator<Waiting[]> {
  let batch: Waiting[] = [];
  let rows = 0;
  for (const waiting of group) {
    if (rows + waiting.X.rows > MOST_ROWS && batch.length > 0) {
      yield batch;
      batch = [];
      rows = 0;
    }
    batch.push(waiting);
    rows += waiting.X.rows;
  }
  if (batch.length > 0) yield batch;
}

function stack(batch: readonly Waiting[]): Matrix {
  const { cols } = batch[0].X;
  const X = Matrix.zeros(
    batch.reduce((rows, waiting) => rows + waiting.X.rows, 0),
    cols,
  );
  let row = 0;
  for (const waiting of batch) {
    X.data.set(waiting.X.data, row * cols);
    row += waiting.X.rows;
  }
  return X;
}
