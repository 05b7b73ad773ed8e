import { readNpy, writeNpy } from '../../common/media/npy.js';
import { MEDIA_TYPES } from '../../common/media/negotiate.js';
import { Matrix } from '../../numeric/linalg/matrix.js';
import type { ModelDescription, OptionalMethod } from '../model.js';
import type { PredictOptions, Prediction } from '../prediction.js';
import type { VariableSpec } from '../spec-variables.js';
import { asList, asObject, asText, readArray, readMatrix, wrongAnswer } from './answer-values.js';
import type { RemoteClient } from './remote-client.js';
import { type Connection, type RemoteProtocol, rowsFor } from './remote-protocol.js';

/** From so many rows on, numbers travel as npy. */
const NPY_ROWS = 256;
/** What a model there may support that can be asked for from here. */
const METHODS: readonly OptionalMethod[] = ['variance', 'quantiles', 'gradient', 'covariance', 'sample'];

/** Another Kriged: everything but fitting and saving is passed on. */
export const kriged: RemoteProtocol = {
  title: 'Kriged',

  /** Its messages are written for clients. */
  explain(refusal) {
    const { detail, code } = (refusal ?? {}) as { detail?: unknown; code?: unknown };
    return typeof detail === 'string' && typeof code === 'string' ? detail.slice(0, 500) : undefined;
  },

  async connect(client, { model, version }, signal) {
    const versioned = version === undefined ? '' : `/versions/${encodeURIComponent(version)}`;
    const path = `/models/${encodeURIComponent(model)}${versioned}`;
    const { state, inputs, outputs, supports, description } = asObject(
      await client.json({ path, values: 0 }, signal),
      'the model',
    );
    if (state !== 'ready') throw wrongAnswer('the model is not loaded there');
    const methods = asList(supports, 'supports');
    const { variance } = asObject(description, 'description');
    return new KrigedConnection(client, `${path}/predict`, {
      inputs: variables(inputs, 'inputs'),
      outputs: variables(outputs, 'outputs'),
      supports: new Set(METHODS.filter((method) => methods.includes(method))),
      facts: variance === 'observed' || variance === 'latent' ? { variance } : {},
    });
  },
};

class KrigedConnection implements Connection {
  readonly inputs: readonly VariableSpec[];
  readonly outputs: readonly VariableSpec[];
  readonly supports: ReadonlySet<OptionalMethod>;
  readonly facts: ModelDescription;

  constructor(
    private readonly client: RemoteClient,
    private readonly path: string,
    { inputs, outputs, supports, facts }: Pick<Connection, 'inputs' | 'outputs' | 'supports' | 'facts'>,
  ) {
    this.inputs = inputs;
    this.outputs = outputs;
    this.supports = supports;
    this.facts = facts;
  }

  rowsPerCall(options: PredictOptions): number {
    const d = this.inputs.length;
    return rowsFor(d + countValues(1, this.outputs.length, d, options));
  }

  async predict(X: Matrix, options: PredictOptions, signal: AbortSignal): Promise<Prediction> {
    const { meanOnly, ...more } = options;
    if (X.rows >= NPY_ROWS && Object.keys(more).length === 0)
      return this.#predictNpy(X, meanOnly === true, signal);
    const inputs = Array.from({ length: X.rows }, (_, i) => Array.from(X.row(i)));
    const body = Buffer.from(JSON.stringify({ inputs, options: { ...options, squeeze: false } }));
    const values = countValues(X.rows, this.outputs.length, X.cols, options);
    const answer = asObject(await this.client.json({ path: this.path, body, values }, signal), 'the answer');
    return new AnswerReader(answer, X.rows, this.outputs.length, X.cols).prediction(
      options,
      this.supports.has('variance'),
    );
  }

  /** Mean, and variance if there is one, as columns of one array. */
  async #predictNpy(X: Matrix, meanOnly: boolean, signal: AbortSignal): Promise<Prediction> {
    const p = this.outputs.length;
    const cols = this.supports.has('variance') && !meanOnly ? 2 * p : p;
    const { body } = await this.client.bytes(
      {
        path: meanOnly ? `${this.path}?meanOnly=true` : this.path,
        body: writeNpy([X.rows, X.cols], X.data),
        headers: { 'Content-Type': MEDIA_TYPES.npy, Accept: MEDIA_TYPES.npy },
        values: X.rows * cols,
      },
      signal,
    );
    const table = readTable(body, X.rows, cols);
    const columns = (from: number): Matrix => {
      const matrix = Matrix.zeros(X.rows, p);
      for (let i = 0; i < X.rows; i++) matrix.row(i).set(table.row(i).subarray(from, from + p));
      return matrix;
    };
    return { mean: columns(0), ...(cols > p && { variance: columns(p) }) };
  }
}

function readTable(body: Buffer, rows: number, cols: number): Matrix {
  let array;
  try {
    array = readNpy(body, rows * cols);
  } catch {
    throw wrongAnswer('it is no npy array of the size asked for');
  }
  if (array.shape[0] !== rows || array.data.length !== rows * cols) {
    throw wrongAnswer(`it is an array of (${array.shape.join(', ')}), expected (${rows}, ${cols})`);
  }
  if (!array.data.every(Number.isFinite)) throw wrongAnswer('not all of it are finite numbers');
  return new Matrix(rows, cols, array.data);
}

/** Reads the JSON of a prediction (`squeeze=false`): the axis of a single output is left out there. */
class AnswerReader {
  constructor(
    private readonly answer: Readonly<Record<string, unknown>>,
    private readonly n: number,
    private readonly p: number,
    private readonly d: number,
  ) {}

  prediction(options: PredictOptions, hasVariance: boolean): Prediction {
    const { answer } = this;
    const { quantiles, credibleInterval } = options;
    const interval =
      credibleInterval === undefined ? undefined : asObject(answer.credibleInterval, 'credibleInterval');
    const byPercent = quantiles && asObject(answer.quantiles, 'quantiles');
    return {
      mean: this.#table(answer.mean, 'mean'),
      ...(hasVariance && options.meanOnly !== true && { variance: this.#table(answer.variance, 'variance') }),
      ...(options.latentVariance && { latentVariance: this.#table(answer.latentVariance, 'latentVariance') }),
      ...(quantiles &&
        byPercent && {
          quantiles: quantiles.map((percent) => ({
            percent,
            values: this.#table(byPercent[String(percent)], `quantiles.${percent}`),
          })),
        }),
      ...(interval && {
        credibleInterval: {
          lower: this.#table(interval.lower, 'credibleInterval.lower'),
          upper: this.#table(interval.upper, 'credibleInterval.upper'),
        },
      }),
      ...(options.gradients && { meanGradient: this.#gradient('meanGradient') }),
      ...(options.gradients &&
        answer.varianceGradient !== undefined && { varianceGradient: this.#gradient('varianceGradient') }),
      ...(options.covariance && { covariance: this.#covariance() }),
      ...(options.samples !== undefined && {
        samples: requireLength(asList(answer.samples, 'samples'), options.samples, 'samples').map((draw, s) =>
          this.#table(draw, `samples[${s}]`),
        ),
      }),
    };
  }

  #table(value: unknown, path: string): Matrix {
    const { n, p } = this;
    return p === 1 ? new Matrix(n, 1, readArray(value, [n], path)) : readMatrix(value, n, p, path);
  }

  #gradient(field: 'meanGradient' | 'varianceGradient'): Float64Array {
    const { n, p, d } = this;
    return readArray(this.answer[field], p === 1 ? [n, d] : [n, p, d], field);
  }

  #covariance(): Matrix[] {
    const { n, p } = this;
    const value = this.answer.covariance;
    const matrices = p === 1 ? [value] : requireLength(asList(value, 'covariance'), p, 'covariance');
    return matrices.map((matrix, q) => readMatrix(matrix, n, n, p === 1 ? 'covariance' : `covariance[${q}]`));
  }
}

function variables(value: unknown, path: string): VariableSpec[] {
  return asList(value, path).map((item, i) => {
    const { name, kind, unit, lower, upper } = asObject(item, `${path}[${i}]`);
    return {
      name: asText(name, `${path}[${i}].name`),
      kind: kind === 'index' ? 'index' : 'real',
      ...(typeof unit === 'string' && { unit }),
      ...(typeof lower === 'number' && { lower }),
      ...(typeof upper === 'number' && { upper }),
    };
  });
}

/** How many numbers the answer holds, at most. */
function countValues(n: number, p: number, d: number, options: PredictOptions): number {
  const { quantiles = [], gradients, covariance, samples = 0 } = options;
  return n * p * (5 + quantiles.length + (gradients ? 2 * d : 0) + samples + (covariance ? n : 0));
}

function requireLength<T>(list: T[], length: number, path: string): T[] {
  if (list.length !== length) throw wrongAnswer(`${path} has ${list.length} items, expected ${length}`);
  return list;
}
