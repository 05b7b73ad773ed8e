import { readFileSync } from 'node:fs';
import { ModelFileError } from '../../model-errors.js';
import type { ModelFile } from '../../model-file.js';
import { Field } from './document/field.js';
import { fitGp, type GpData } from './document/fit-gp.js';
import { readVariables } from './document/model-fields.js';
import type { ImportedGp, Importer, ImportContext } from './importer.js';
import { readKernelAndNoise } from './npz/npz-kernel.js';
import { NpzArrays } from './npz/read-npz-model.js';

const ZIP_MAGIC = Buffer.from('PK\x03\x04', 'latin1');
const NPY_MAGIC = Buffer.from('\x93NUMPY', 'latin1');
/** Headers of the archive, beside the arrays themselves. */
const OVERHEAD_BYTES = 2 ** 20;

const ADVICE =
  'a model needs its training data and its kernel as well, so that it can predict. Write numpy.savez("model.npz", X=model.X, y=model.Y, param_array=model.param_array) for a GPy model with an RBF kernel, or export the model with exporters/kriged_export.py';

/** Arrays by a naming convention (docs/formats.md): `numpy.savez(path, X=..., y=..., lengthscale=..., ...)`. */
export class NpzImporter implements Importer {
  readonly name = 'npz';

  recognises({ head }: ModelFile): boolean {
    return startsWith(head, ZIP_MAGIC) || startsWith(head, NPY_MAGIC);
  }

  read(file: ModelFile, context: ImportContext): ImportedGp {
    if (startsWith(file.head, NPY_MAGIC)) throw new ModelFileError(`An npy file holds one array; ${ADVICE}.`);
    if (file.bytes > context.maxModelBytes + OVERHEAD_BYTES) {
      throw new ModelFileError(
        `The npz file has ${file.bytes} bytes, more than MAX_MODEL_BYTES allows (${context.maxModelBytes}).`,
      );
    }
    const arrays = new NpzArrays(readFileSync(file.path), context.maxModelBytes);
    return fitGp(readArrays(arrays), 'npz', context);
  }
}

function readArrays(arrays: NpzArrays): GpData {
  if (!arrays.has('X') || !arrays.has('y')) {
    const missing = ['X', 'y'].filter((name) => !arrays.has(name)).join(' and ');
    throw new ModelFileError(
      `The npz file holds ${arrays.names.join(', ').slice(0, 200) || 'nothing'}, but no ${missing}: ${ADVICE}.`,
    );
  }
  const X = arrays.matrix('X');
  const Y = arrays.matrix('y');
  const { kernel, noise } = readKernelAndNoise(arrays, X.cols);
  const inputs = arrays.texts('input_names');
  const outputs = arrays.texts('output_names');
  const data: GpData = {
    kernel,
    X,
    Y,
    state: {
      noise: { type: 'gaussian', variance: noise },
      ...(arrays.has('mean') && { mean: { type: 'constant', value: arrays.list('mean') } }),
      ...pair(arrays, 'y_mean', 'y_std', (mean, std) => ({ outputNorm: { mean, std } }), Y.cols),
      ...pair(
        arrays,
        'X_offset',
        'X_scale',
        (offset, scale) => ({ inputTransform: { offset, scale } }),
        X.cols,
      ),
    },
    facts: {
      ...(inputs && { inputs: readVariables(new Field('input_names', inputs), X.cols) }),
      ...(outputs && { outputs: readVariables(new Field('output_names', outputs), Y.cols) }),
    },
    ...(arrays.has('L') && { posterior: { L: arrays.matrix('L'), alpha: arrays.matrix('alpha') } }),
  };
  arrays.requireAllRead();
  return data;
}

/** Two arrays that only make sense together: a missing one is 0, or 1. */
function pair<T extends object>(
  arrays: NpzArrays,
  shift: string,
  scale: string,
  make: (shift: number[], scale: number[]) => T,
  count: number,
): T | undefined {
  if (!arrays.has(shift) && !arrays.has(scale)) return undefined;
  const numbers = (name: string, otherwise: number): number[] =>
    arrays.has(name) ? arrays.list(name, count) : Array.from({ length: count }, () => otherwise);
  return make(numbers(shift, 0), numbers(scale, 1));
}

function startsWith(head: Buffer, magic: Buffer): boolean {
  return head.subarray(0, magic.length).equals(magic);
}
