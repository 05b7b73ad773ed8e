import { crc32 } from 'node:zlib';
import type { ResponseFormat } from '../../common/media/negotiate.js';
import { npyBytes, npyHeader } from '../../common/media/npy.js';
import { csvChunks, rowMajor } from '../../common/media/write-csv.js';
import { StoredZip } from '../../common/media/zip.js';
import { predictionColumns } from '../prediction-columns.js';
import { NumberArray, pieces, predictionTree, RowList, type Tree } from '../prediction-json.js';
import { varianceAtRounding } from '../prediction-warnings.js';
import type { TrustedPrediction } from '../trust.js';
import { AT_ROUNDING, type FieldValues, type PredictionField, predictionOf } from './prediction-file.js';
import type { PredictionResult } from './prediction-result.js';

/** Row numbers of a piece. */
const LISTED_ROWS = 8192;

/**
 * The body of an answer, the same bytes as `piecesOfPrediction` makes of all rows at once, made of one part after the
 * other: no more than one is in memory. Not for what is joint, nor for a single row.
 */
export function streamResult(result: PredictionResult, format: ResponseFormat): AsyncGenerator<Uint8Array> {
  switch (format) {
    case 'json':
      return json(result);
    case 'csv':
      return csv(result);
    case 'npy':
      return npy(result);
    case 'npz':
      return npz(result);
  }
}

/** Length of the body, where it is known beforehand. */
export function streamedLength(result: PredictionResult, format: ResponseFormat): number | undefined {
  if (format !== 'npy') return undefined;
  return npyHeader([result.summary.rows, columnNames(result).length]).length + streamedBytes(result);
}

/** Bytes of all columns, as doubles. */
export function streamedBytes(result: PredictionResult): number {
  return 8 * result.summary.rows * columnNames(result).length;
}

/** One row of zeros; and the field that each of its arrays stands for. */
function pattern({ summary: { shape } }: PredictionResult): {
  like: TrustedPrediction;
  fieldOf: ReadonlyMap<FieldValues, PredictionField>;
} {
  const fieldOf = new Map<FieldValues, PredictionField>();
  const fields = new Map<string, FieldValues>();
  for (const field of shape.fields) {
    const { name, valuesPerRow, bytesPerValue } = field;
    const values = bytesPerValue === 8 ? new Float64Array(valuesPerRow) : new Uint8Array(valuesPerRow);
    fields.set(name, values);
    fieldOf.set(values, field);
  }
  return { like: predictionOf(shape, 1, fields), fieldOf };
}

async function* json(result: PredictionResult): AsyncGenerator<Uint8Array> {
  const { like, fieldOf } = pattern(result);
  const { count } = result.summary.atRounding;
  yield* jsonOf(predictionTree(like, false));
  if (count > 0) yield* warnings();
  yield Buffer.from('}');

  async function* jsonOf(tree: Tree, isRoot = true): AsyncGenerator<Uint8Array> {
    const field = tree instanceof NumberArray ? fieldOf.get(tree.data) : undefined;
    if (tree instanceof NumberArray && field) {
      const [, ...entry] = tree.shape;
      yield* list(field, (rows, values) => new NumberArray(values as Float64Array, [rows, ...entry]));
    } else if (tree instanceof RowList) {
      const flags = tree.flags && fieldOf.get(tree.flags);
      // Any field tells how many rows there are.
      yield* list(flags ?? result.summary.shape.fields[0], (rows, values) =>
        new RowList(rows, flags && (values as Uint8Array), tree.at),
      ); // prettier-ignore
    } else if (isMembers(tree)) {
      let before = '{';
      for (const [name, member] of Object.entries(tree)) {
        yield Buffer.from(`${before}${JSON.stringify(name)}:`);
        yield* jsonOf(member, false);
        before = ',';
      }
      if (!isRoot) yield Buffer.from('}');
    } else yield* pieces(tree);
  }

  /** The lists of all parts, without the brackets between them. */
  async function* list(
    field: PredictionField,
    partTree: (rows: number, values: FieldValues) => Tree,
  ): AsyncGenerator<Uint8Array> {
    for await (const { start, rows, values } of result.field(field)) {
      yield Buffer.from(start === 0 ? '[' : ',');
      yield* withoutBrackets(pieces(partTree(rows, values)));
    }
    yield Buffer.from(']');
  }

  async function* warnings(): AsyncGenerator<Uint8Array> {
    const [before, after] = JSON.stringify([varianceAtRounding([])]).split('[]');
    let separator = `,"warnings":${before}[`;
    for await (const { start, values } of result.field(flagField())) {
      let rows: number[] = [];
      const take = (): Uint8Array => {
        const text = separator + rows.join(',');
        separator = ',';
        rows = [];
        return Buffer.from(text);
      };
      for (let at = values.indexOf(1); at >= 0; at = values.indexOf(1, at + 1)) {
        rows.push(start + at);
        if (rows.length === LISTED_ROWS) yield take();
      }
      if (rows.length > 0) yield take();
    }
    yield Buffer.from(`]${after}`);
  }

  function flagField(): PredictionField {
    return result.summary.shape.fields.find(({ name }) => name === AT_ROUNDING) as PredictionField;
  }
}

async function* csv(result: PredictionResult): AsyncGenerator<Uint8Array> {
  for await (const { start, values } of result.parts()) {
    const columns = predictionColumns(values, result.inputs, result.outputs);
    const chunks = csvChunks(columns.map(({ name }) => name), columns.map((column) => column.values)); // prettier-ignore
    // The header is the first of them.
    if (start > 0) chunks.next();
    yield* chunks;
  }
}

async function* npy(result: PredictionResult): AsyncGenerator<Uint8Array> {
  yield npyHeader([result.summary.rows, columnNames(result).length]);
  for await (const { rows, values } of result.parts()) {
    const columns = predictionColumns(values, result.inputs, result.outputs).map((column) => column.values);
    yield npyBytes(columns.length === 1 ? columns[0] : rowMajor(columns, 0, rows * columns.length));
  }
}

/** Reads everything twice: a zip has the checksum of an array before the array. */
async function* npz(result: PredictionResult): AsyncGenerator<Uint8Array> {
  const { rows } = result.summary;
  const header = npyHeader([rows]);
  const names = columnNames(result);
  const checksums = names.map(() => crc32(header));
  for await (const { values } of result.parts()) {
    predictionColumns(values, result.inputs, result.outputs).forEach((column, c) => {
      checksums[c] = crc32(npyBytes(column.values), checksums[c]);
    });
  }
  const zip = new StoredZip();
  for (const [c, name] of names.entries()) {
    yield zip.entry(`${name}.npy`, header.length + 8 * rows, checksums[c]);
    yield header;
    for await (const { values } of result.parts()) {
      yield npyBytes(predictionColumns(values, result.inputs, result.outputs)[c].values);
    }
  }
  yield zip.end();
}

function columnNames(result: PredictionResult): string[] {
  return predictionColumns(pattern(result).like, result.inputs, result.outputs).map(({ name }) => name);
}

/** The pieces of a list that is not empty: the first begins with a bracket, the last ends in one. */
function* withoutBrackets(list: Iterable<Uint8Array>): Generator<Uint8Array> {
  let waiting: Uint8Array | undefined;
  for (const piece of list) {
    if (waiting) yield waiting;
    waiting = waiting ? piece : piece.subarray(1);
  }
  if (waiting) yield waiting.subarray(0, -1);
}

function isMembers(tree: Tree): tree is { readonly [name: string]: Tree } {
  return Object.getPrototypeOf(tree) === Object.prototype;
}
