import type { MeanSpec } from '../../../../numeric/gp/gp-state.js';
import type { Matrix } from '../../../../numeric/linalg/matrix.js';

/** `format`, `version` and `kind` of our own files, and the metadata key that holds them and the rest. */
export const METADATA_KEY = 'kriged';
export const FORMAT = 'kriged';
export const VERSION = 1;
export const KIND = 'gpr';

/** A linear mean's slopes as a tensor: `mean.0`, `mean.1`, ... */
export const SLOPE_NAME = /^mean\.\d+$/;

/** A mean with its matrices replaced by the names of tensors, which `put` takes. */
export function nameSlopes(mean: MeanSpec, put: (A: Matrix) => string): Record<string, unknown> {
  switch (mean.type) {
    case 'constant':
      return { type: 'constant', value: mean.value };
    case 'linear':
      return { type: 'linear', A: put(mean.A) };
    case 'sum':
      return { type: 'sum', parts: mean.parts.map((part) => nameSlopes(part, put)) };
  }
}
