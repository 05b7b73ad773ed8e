import { MOST_VALUES, writeJsonValues } from '../numeric/decimal/write-values.js';
import type { Prediction } from '../models/prediction.js';
import type { Matrix } from '../numeric/linalg/matrix.js';
import { predictionWarnings } from './prediction-warnings.js';

type Nested = number | Nested[];

/** An array of numbers, row-major; of no axis for a single number. */
class NumberArray {
  constructor(
    readonly data: Float64Array,
    readonly shape: readonly number[],
  ) {}
}

/** Anything else that is small. */
class Plain {
  constructor(readonly value: unknown) {}
}

type Tree = NumberArray | Plain | Tree[] | { readonly [name: string]: Tree };

/**
 * The JSON body of a prediction. Several rows: one entry a row, a number for one output, an array of p for several.
 * One row, squeezed: the entry itself. A covariance is always a matrix (one an output, where there are several).
 * `warnings` comes last, and only where there are any.
 */
export function predictionToJson(prediction: Prediction, squeeze: boolean): Record<string, unknown> {
  return plain(predictionTree(prediction, squeeze)) as Record<string, unknown>;
}

/**
 * The same as ASCII, in pieces of at most some thousand numbers, without a JavaScript value for each. Throws RangeError
 * where a number is not finite.
 */
export function predictionToJsonPieces(prediction: Prediction, squeeze: boolean): Generator<Uint8Array> {
  return pieces(predictionTree(prediction, squeeze));
}

function predictionTree(prediction: Prediction, squeeze: boolean): Tree {
  const { mean, meanGradient, varianceGradient, quantiles, credibleInterval, covariance, samples } =
    prediction;
  const p = mean.cols;
  const warnings = predictionWarnings(prediction);
  const single = squeeze && mean.rows === 1;
  const table = (matrix: Matrix): Tree => entryPerRow(matrix.data, [matrix.rows, p], single);
  const gradient = (data: Float64Array): Tree =>
    entryPerRow(data, [mean.rows, p, data.length / (mean.rows * p)], single);

  return {
    mean: table(mean),
    ...(prediction.variance && { variance: table(prediction.variance) }),
    ...(prediction.latentVariance && { latentVariance: table(prediction.latentVariance) }),
    ...(quantiles && {
      quantiles: Object.fromEntries(quantiles.map(({ percent, values }) => [String(percent), table(values)])),
    }),
    ...(credibleInterval && {
      credibleInterval: { lower: table(credibleInterval.lower), upper: table(credibleInterval.upper) },
    }),
    ...(meanGradient && { meanGradient: gradient(meanGradient) }),
    ...(varianceGradient && { varianceGradient: gradient(varianceGradient) }),
    ...(covariance && {
      covariance: unwrap(covariance.map(({ data, rows, cols }) => new NumberArray(data, [rows, cols]))),
    }),
    ...(samples && { samples: samples.map(table) }),
    ...(warnings.length > 0 && { warnings: new Plain(warnings) }),
  };
}

/** `data` of shape [N, p, ...]: the axis of one output is dropped, and so is that of one row if asked. */
function entryPerRow(data: Float64Array, shape: readonly number[], single: boolean): Tree {
  const [rows, p, ...rest] = shape;
  const axes = p === 1 ? [rows, ...rest] : [rows, p, ...rest];
  return new NumberArray(data, single ? axes.slice(1) : axes);
}

function unwrap(list: Tree[]): Tree {
  return list.length === 1 ? list[0] : list;
}

function plain(tree: Tree): unknown {
  if (tree instanceof NumberArray) return nest(tree.data, tree.shape);
  if (tree instanceof Plain) return tree.value;
  if (Array.isArray(tree)) return tree.map(plain);
  return Object.fromEntries(Object.entries(tree).map(([name, member]) => [name, plain(member)]));
}

function nest(data: Float64Array, shape: readonly number[]): Nested {
  const [length, ...rest] = shape;
  if (length === undefined) return data[0];
  if (rest.length === 0) return Array.from(data);
  const stride = data.length / length;
  return Array.from({ length }, (_, i) => nest(data.subarray(i * stride, (i + 1) * stride), rest));
}

function* pieces(tree: Tree): Generator<Uint8Array> {
  if (tree instanceof NumberArray) yield* numberPieces(tree);
  else if (tree instanceof Plain) yield Buffer.from(JSON.stringify(tree.value));
  else if (Array.isArray(tree)) {
    for (const [i, element] of tree.entries()) {
      yield Buffer.from(i === 0 ? '[' : ',');
      yield* pieces(element);
    }
    yield Buffer.from(']');
  } else {
    let before = '{';
    for (const [name, member] of Object.entries(tree)) {
      yield Buffer.from(`${before}${JSON.stringify(name)}:`);
      yield* pieces(member);
      before = ',';
    }
    yield Buffer.from('}');
  }
}

function* numberPieces({ data, shape }: NumberArray): Generator<Uint8Array> {
  if (shape.length === 0) {
    yield Buffer.from(String(data[0]));
    return;
  }
  const inner = shape.length > 1 ? shape[shape.length - 1] : 0;
  const outer = shape.length > 2 ? inner * shape[shape.length - 2] : 0;
  yield Buffer.from('[');
  for (let start = 0; start < data.length; start += MOST_VALUES) {
    const end = Math.min(start + MOST_VALUES, data.length);
    const piece = writeJsonValues(data, start, end, { inner, outer });
    if (!piece) throw new RangeError('JSON has no word for a number that is not finite.');
    yield piece;
  }
  yield Buffer.from(']');
}
