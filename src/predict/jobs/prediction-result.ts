import { buffer } from 'node:stream/consumers';
import type { ArtifactStore } from '../../artifacts/artifact-store.js';
import type { Variable } from '../../models/model.js';
import type { TrustedPrediction } from '../trust.js';
import {
  bytesPerRow,
  type FieldValues,
  fieldRange,
  fieldValues,
  type PredictionField,
  predictionOf,
  type PredictionShape,
} from './prediction-file.js';

/** What is known of a finished prediction: the value of its job. */
export interface PredictionSummary {
  readonly model: { readonly name: string; readonly version: string; readonly sha256: string };
  readonly rows: number;
  /** Of each file but the last, which has what is left. */
  readonly rowsPerPart: number;
  readonly parts: number;
  readonly shape: PredictionShape;
  /** Names. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly squeeze: boolean;
  /** Rows whose variance is decided by rounding: how many, and the first of them. */
  readonly atRounding: { readonly count: number; readonly first: readonly number[] };
}

/** Consecutive rows of a result. */
interface RowsOf<Values> {
  readonly start: number;
  readonly rows: number;
  readonly values: Values;
}

/** The rows of part `index`: [start, end). The last one takes what would be too little for one of its own. */
export function partRange(
  { rows, rowsPerPart, parts }: Pick<PredictionSummary, 'rows' | 'rowsPerPart' | 'parts'>,
  index: number,
): { start: number; end: number } {
  return { start: index * rowsPerPart, end: index === parts - 1 ? rows : (index + 1) * rowsPerPart };
}

export function partKey(prefix: string, index: number): string {
  return `${prefix}part-${index}`;
}

/** Reads the files of a prediction, one after the other. */
export class PredictionResult {
  readonly inputs: readonly Variable[];
  readonly outputs: readonly Variable[];

  /** `prefix`: of the files' keys. */
  constructor(
    readonly summary: PredictionSummary,
    private readonly artifacts: ArtifactStore,
    private readonly prefix: string,
  ) {
    this.inputs = summary.inputs.map(variable);
    this.outputs = summary.outputs.map(variable);
  }

  get bytes(): number {
    return this.summary.rows * bytesPerRow(this.summary.shape);
  }

  /** All rows at once. */
  async whole(): Promise<TrustedPrediction> {
    const { rows, shape } = this.summary;
    const fields = new Map<string, FieldValues>();
    for (const field of shape.fields) {
      const length = rows * field.valuesPerRow;
      const values = field.bytesPerValue === 8 ? new Float64Array(length) : new Uint8Array(length);
      for await (const part of this.field(field)) values.set(part.values, part.start * field.valuesPerRow);
      fields.set(field.name, values);
    }
    return predictionOf(shape, rows, fields);
  }

  async *parts(): AsyncGenerator<RowsOf<TrustedPrediction>> {
    const { shape, parts } = this.summary;
    for (let index = 0; index < parts; index++) {
      const { start, end } = partRange(this.summary, index);
      const bytes = await this.#read(index);
      const fields = new Map<string, FieldValues>();
      for (const field of shape.fields) {
        const range = fieldRange(shape, field, end - start);
        fields.set(field.name, fieldValues(field, bytes.subarray(range.start, range.end)));
      }
      yield { start, rows: end - start, values: predictionOf(shape, end - start, fields) };
    }
  }

  /** One field, part by part. */
  async *field(field: PredictionField): AsyncGenerator<RowsOf<FieldValues>> {
    for (let index = 0; index < this.summary.parts; index++) {
      const { start, end } = partRange(this.summary, index);
      const bytes = await this.#read(index, fieldRange(this.summary.shape, field, end - start));
      yield { start, rows: end - start, values: fieldValues(field, bytes) };
    }
  }

  async #read(index: number, range?: { start: number; end: number }): Promise<Buffer> {
    return buffer(await this.artifacts.read(partKey(this.prefix, index), range));
  }
}

function variable(name: string): Variable {
  return { name, kind: 'real' };
}
