import type { Matrix } from '../../../numeric/linalg/matrix.js';
import { ModelFileError } from '../../model-errors.js';
import type { ImportContext } from './importer.js';

/** The factor is n x n: refuses a model that takes more memory than is allowed, before it is computed. */
export function requireMemory(points: Matrix, { maxModelBytes }: ImportContext): void {
  const bytes = 8 * points.rows * (points.rows + points.cols);
  if (bytes > maxModelBytes) {
    throw new ModelFileError(
      `The model has ${points.rows} points and needs ${bytes} bytes, more than MAX_MODEL_BYTES allows (${maxModelBytes}).`,
    );
  }
}
