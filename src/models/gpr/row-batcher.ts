import type { GaussianProcess } from '../../numeric/gp/gaussian-process.js';
import { Matrix } from '../../numeric/linalg/matrix.js';
import type { PredictOptions, Prediction } from '../prediction.js';
import { predictRows } from './compute-prediction.js';
import { slicePrediction } from '../prediction-parts.js';

interface Waiting {
  readonly X: Matrix;
  /** The same for requests that ask for the same. */
  readonly key: string;
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

  /** `mostRows`: as many as may be computed before other requests get their turn. */
  constructor(
    private readonly gp: GaussianProcess,
    private readonly mostRows: number,
  ) {}

  predict(X: Matrix, options: PredictOptions): Promise<Prediction> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length === 0) setImmediate(() => this.#computeNext());
      this.#waiting.push({ X, key: JSON.stringify(options), options, resolve, reject });
    });
  }

  /** The request that has waited longest, with those that ask for the same; the rest in the next turn. */
  #computeNext(): void {
    const batch: Waiting[] = [];
    const rest: Waiting[] = [];
    const { key } = this.#waiting[0];
    let rows = 0;
    for (const waiting of this.#waiting) {
      const fits = batch.length === 0 || rows + waiting.X.rows <= this.mostRows;
      if (fits && waiting.key === key) {
        batch.push(waiting);
        rows += waiting.X.rows;
      } else {
        rest.push(waiting);
      }
    }
    this.#waiting = rest;
    if (rest.length > 0) setImmediate(() => this.#computeNext());
    this.#compute(batch);
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

function stack(batch: readonly Waiting[]): Matrix {
  const { cols } = batch[0].X;
  const X = Matrix.zeros(
    batch.reduce((rows, waiting) => rows + waiting.X.rows, 0),
    cols,
  );
  let row = 0;
  for (const waiting of batch) {
    if (waiting.X.cols !== cols) throw new RangeError('The rows of a batch differ in width.');
    X.data.set(waiting.X.data, row * cols);
    row += waiting.X.rows;
  }
  return X;
}
