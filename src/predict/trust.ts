import type { Prediction } from '../models/prediction.js';
import type { ModelIdentity } from './model-identity.js';

/** Which values of N rows lie outside their input's range. */
export interface OutsideInputs {
  /** Of the d inputs. */
  readonly names: readonly string[];
  /** N x d, 1 for those outside. */
  readonly flags: Uint8Array;
}

/** What is said about an answer beside what the model says itself. */
interface Trust {
  readonly model: ModelIdentity;
  /** Absent where no range of any input is known. */
  readonly outside?: OutsideInputs | undefined;
}

/** A prediction, with what `trust` asks for. */
export interface TrustedPrediction extends Prediction {
  readonly trust?: Trust;
}

export function namesOutside({ names, flags }: OutsideInputs, row: number): string[] {
  const d = names.length;
  return names.filter((_, q) => flags[row * d + q] === 1);
}

/** How many rows have a value outside; of one input only, if `input` is given. */
export function countOutside({ names, flags }: OutsideInputs, input?: number): number {
  const d = names.length;
  let rows = 0;
  for (let start = 0; start < flags.length; start += d) {
    rows += input === undefined ? anyOutside(flags, start, d) : flags[start + input];
  }
  return rows;
}

/** N numbers: 1 for rows of which no value is outside, 0 for the others. */
export function insideColumn({ names, flags }: OutsideInputs): Float64Array {
  const d = names.length;
  return Float64Array.from({ length: flags.length / d }, (_, i) => 1 - anyOutside(flags, i * d, d));
}

function anyOutside(flags: Uint8Array, start: number, d: number): 0 | 1 {
  for (let k = start; k < start + d; k++) if (flags[k] === 1) return 1;
  return 0;
}
