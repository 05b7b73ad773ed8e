import { MOST_VALUES, writeJsonValues } from '../numeric/decimal/write-values.js';
import type { Matrix } from '../numeric/linalg/matrix.js';
import { predictionWarnings } from './prediction-warnings.js';
import { namesOutside, type TrustedPrediction } from './trust.js';

type Nested = number | Nested[];

/** An array of numbers, row-major; of no axis for a single number. */
export class NumberArray {
  constructor(
    readonly data: Float64Array,
    readonly shape: readonly number[],
  ) {}
}

/** Anything else that is small. */
class Plain {
  constructor(readonly value: unknown) {}
}

/** A list of small things, one a row, that are made of the row's flags when they are written. */
export class RowList {
  constructor(
    readonly length: number,
    /** Undefined where none are needed. */
    readonly flags: Uint8Array | undefined,
    readonly at: (row: number, flags: Uint8Array | undefined) => unknown,
  ) {}

  item(row: number): unknown {
    return this.at(row, this.flags);
  }
}

/** Items of a piece. */
const LIST_ITEMS = 4096;

export type Tree = NumberArray | Plain | RowList | Tree[] | { readonly [name: string]: Tree };

/**
 * The JSON body of a prediction. Several rows: one entry a row, a number for one output, an array of p for several.
 * One row, squeezed: the entry itself. A covariance is always a matrix (one an output, where there are several).
 * `warnings` comes last, and only where there are any.
 */
export function predictionToJson(prediction: TrustedPrediction, squeeze: boolean): Record<string, unknown> {
  return plain(predictionTree(prediction, squeeze)) as Record<string, unknown>;
}

/**
 * The same as ASCII, in pieces of at most some thousand numbers, without a JavaScript value for each. Throws RangeError
 * where a number is not finite.
 */
export function predictionToJsonPieces(
  prediction: TrustedPrediction,
  squeeze: boolean,
): Generator<Uint8Array> {
  return pieces(predictionTree(prediction, squeeze));
}

/** The body as a tree, whose leaves are arrays of the prediction itself where they hold one entry a row. */
export function predictionTree(prediction: TrustedPrediction, squeeze: boolean): Tree {
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
    ...trustTree(prediction, single),
    ...(warnings.length > 0 && { warnings: new Plain(warnings) }),
  };
}

/** What `trust` asks for. `inside` is null where no range of any input is known. */
function trustTree(prediction: TrustedPrediction, single: boolean): { readonly [name: string]: Tree } {
  const { mean, trust, nearestDistance, relativeVariance } = prediction;
  if (!trust) return {};
  const { model, outside } = trust;
  const list = (namesToItem: (names: readonly string[]) => unknown): Tree => {
    const at: RowList['at'] = (row, flags) =>
      namesToItem(outside && flags ? namesOutside({ names: outside.names, flags }, row) : []);
    const rows = new RowList(mean.rows, outside?.flags, at);
    return single ? new Plain(rows.item(0)) : rows;
  };
  const numbers = (data: Float64Array): Tree => entryPerRow(data, [mean.rows, 1], single);
  return {
    domain: {
      inside: outside ? list((names) => names.length === 0) : new Plain(null),
      outside: list((names) => names),
      ...(nearestDistance && { nearestDistance: numbers(nearestDistance) }),
    },
    ...(relativeVariance && { relativeVariance: numbers(relativeVariance) }),
    model: new Plain(model),
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
  if (tree instanceof RowList) return Array.from({ length: tree.length }, (_, i) => tree.item(i));
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

export function* pieces(tree: Tree): Generator<Uint8Array> {
  if (tree instanceof NumberArray) yield* numberPieces(tree);
  else if (tree instanceof Plain) yield Buffer.from(JSON.stringify(tree.value));
  else if (tree instanceof RowList) yield* listPieces(tree);
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

function* listPieces(list: RowList): Generator<Uint8Array> {
  const { length } = list;
  for (let start = 0; start < length; start += LIST_ITEMS) {
    const items = Array.from({ length: Math.min(LIST_ITEMS, length - start) }, (_, i) =>
      list.item(start + i),
    );
    yield Buffer.from((start === 0 ? '[' : ',') + JSON.stringify(items).slice(1, -1));
  }
  yield Buffer.from(length === 0 ? '[]' : ']');
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
