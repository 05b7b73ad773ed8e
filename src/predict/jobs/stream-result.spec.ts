import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import type { ArtifactStore } from '../../artifacts/artifact-store.js';
import type { Variable } from '../../models/model.js';
import { slicePrediction } from '../../models/prediction-parts.js';
import { Matrix } from '../../numeric/linalg/matrix.js';
import { Random } from '../../numeric/random/random.js';
import type { TrustedPrediction } from '../trust.js';
import { formatPrediction } from '../write-prediction.task.js';
import { encodePrediction } from './prediction-file.js';
import { partKey, partRange, PredictionResult } from './prediction-result.js';
import { streamedLength, streamResult } from './stream-result.js';

const FORMATS = ['json', 'csv', 'npy', 'npz'] as const;
const variables = (names: readonly string[]): Variable[] => names.map((name) => ({ name, kind: 'real' }));
const INPUTS = variables(['a', 'b']);
const OUTPUTS = variables(['y', 'z']);
const MODEL = { name: 'm', version: '1', sha256: 'ab', type: 'gpr' };

/** Everything that a prediction row by row can have, of N rows and p outputs. */
function prediction(rows: number, p: number, known: boolean): TrustedPrediction {
  const random = new Random(5);
  const numbers = (length: number): Float64Array =>
    Float64Array.from({ length }, () => random.uniform() - 0.5);
  const table = (): Matrix => new Matrix(rows, p, numbers(rows * p));
  const flags = Uint8Array.from({ length: rows * 2 }, (_, at) => (at % 7 === 0 ? 1 : 0));
  return {
    mean: table(),
    variance: table(),
    latentVariance: table(),
    quantiles: [97.5, 50, 2.5].map((percent) => ({ percent, values: table() })),
    credibleInterval: { lower: table(), upper: table() },
    meanGradient: numbers(rows * p * 2),
    varianceGradient: numbers(rows * p * 2),
    nearestDistance: numbers(rows),
    relativeVariance: numbers(rows),
    varianceAtRounding: Uint32Array.of(0, 3, rows - 1),
    trust: { model: MODEL, outside: known ? { names: ['a', 'b'], flags } : undefined },
  };
}

function slice(whole: TrustedPrediction, start: number, end: number): TrustedPrediction {
  const { trust } = whole;
  const { names = [], flags } = trust?.outside ?? {};
  return {
    ...slicePrediction(whole, start, end),
    ...(trust && {
      trust: { ...trust, outside: flags && { names, flags: flags.slice(start * 2, end * 2) } },
    }),
  };
}

/** As a job would leave it behind. */
function resultOf(whole: TrustedPrediction, rowsPerPart: number): PredictionResult {
  const { rows, cols } = whole.mean;
  const cut = { rows, rowsPerPart, parts: Math.max(1, Math.floor(rows / rowsPerPart)) };
  const files = new Map<string, Buffer>();
  let shape = encodePrediction(whole).shape;
  for (let index = 0; index < cut.parts; index++) {
    const { start, end } = partRange(cut, index);
    const part = encodePrediction(cut.parts === 1 ? whole : slice(whole, start, end));
    ({ shape } = part);
    files.set(partKey('jobs/1/', index), part.bytes);
  }
  const store = {
    read: (key: string, { start = 0, end = Infinity } = {}) =>
      Promise.resolve(Readable.from([files.get(key)?.subarray(start, Math.min(end, 1e9))])),
  } as unknown as ArtifactStore;
  const flagged = [...(whole.varianceAtRounding ?? [])];
  return new PredictionResult(
    {
      model: MODEL,
      ...cut,
      shape,
      inputs: INPUTS.map(({ name }) => name),
      outputs: OUTPUTS.slice(0, cols).map(({ name }) => name),
      squeeze: true,
      atRounding: { count: flagged.length, first: flagged },
    },
    store,
    'jobs/1/',
  );
}

describe('streamResult', () => {
  it.each([
    ['one output', prediction(50, 1, true), 20],
    ['several outputs', prediction(23, 2, true), 1],
    ['no range of any input', prediction(40, 1, false), 13],
    ['more than a piece', prediction(20_000, 1, true), 9_000],
    ['the mean alone', { mean: prediction(9, 1, true).mean }, 4],
  ] as const)('%s: the bytes of an answer in one piece', async (_what, whole, rowsPerPart) => {
    const result = resultOf(whole, rowsPerPart);
    expect(result.summary.parts).toBeGreaterThan(1);
    const outputs = OUTPUTS.slice(0, whole.mean.cols);
    for (const format of FORMATS) {
      const expected = Buffer.from(
        formatPrediction({ format, prediction: whole, inputs: INPUTS, outputs, squeeze: true }),
      );
      const streamed = await buffer(Readable.from(streamResult(result, format), { objectMode: false }));
      expect(streamed.equals(expected), format).toBe(true);
      const length = streamedLength(result, format);
      if (length !== undefined) expect(length).toBe(expected.length);
    }
  });
});

describe('PredictionResult', () => {
  it('gives back the whole prediction', async () => {
    const whole = prediction(23, 2, true);
    expect(await resultOf(whole, 5).whole()).toEqual(whole);
  });

  it('gives back what is joint', async () => {
    const { mean } = prediction(6, 2, true);
    const square = (): Matrix => new Matrix(6, 6, prediction(18, 2, true).mean.data);
    const whole = { mean, covariance: [square(), square()], samples: [mean, mean, mean] };
    expect(await resultOf(whole, 100).whole()).toEqual(whole);
  });
});
