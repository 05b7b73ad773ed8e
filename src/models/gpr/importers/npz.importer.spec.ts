import { deflateRawSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { gprModelType } from '../../../../test/support/gpr-model-type.js';
import { ModelFiles } from '../../../../test/support/model-files.js';
import { writeNpy } from '../../../common/media/npy.js';
import { writeZip } from '../../../common/media/zip.js';
import { inferExact } from '../../../numeric/gp/fit-posterior.js';
import { buildKernel } from '../../../numeric/kernels/kernels.js';
import { Matrix } from '../../../numeric/linalg/matrix.js';
import { ModelFileError } from '../../model-errors.js';
import type { LoadedModel } from '../../model-type.js';

const files = new ModelFiles();
afterAll(() => files.remove());
const type = gprModelType();

const X = Matrix.fromRows([[0, 1], [1, 3], [2, 2], [4, 0.5]]); // prettier-ignore
const y = [1, -1, 0.5, 2];
const AT = Matrix.fromRows([[0.3, 1.4], [3, 3]]); // prettier-ignore

type Content = number[] | Matrix | string | string[] | Buffer;

/** An npz file as numpy.savez writes it. */
function npz(arrays: Record<string, Content>): Buffer {
  return writeZip(new Map(Object.entries(arrays).map(([name, value]) => [`${name}.npy`, npy(value)])));
}

function npy(value: Content): Buffer {
  if (Buffer.isBuffer(value)) return value;
  if (value instanceof Matrix) return writeNpy([value.rows, value.cols], value.data);
  if (typeof value === 'string') return texts([value], '()');
  if (typeof value[0] === 'string') return texts(value as string[], `(${value.length},)`);
  return writeNpy([value.length], Float64Array.from(value as number[]));
}

/** `<U..`, or `>U..`: four bytes a character, NULs at the end. */
function texts(list: string[], shape: string, order: '<' | '>' = '<'): Buffer {
  const width = Math.max(...list.map((text) => text.length));
  const data = Buffer.alloc(list.length * width * 4);
  list.forEach((text, i) =>
    Array.from(text).forEach((character, j) => {
      const at = (i * width + j) * 4;
      const point = character.codePointAt(0) as number;
      if (order === '<') data.writeUInt32LE(point, at);
      else data.writeUInt32BE(point, at);
    }),
  );
  return raw(`${order}U${width}`, shape, data);
}

function raw(descr: string, shape: string, data: Buffer, fortran = false): Buffer {
  const dict = `{'descr': '${descr}', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': ${shape}, }`;
  const header = `${dict.padEnd(117)}\n`;
  const start = Buffer.alloc(10);
  start.write('\x93NUMPY\x01\x00', 'latin1');
  start.writeUInt16LE(header.length, 8);
  return Buffer.concat([start, Buffer.from(header, 'latin1'), data]);
}

const load = (content: Uint8Array): Promise<LoadedModel> => type.load(files.write('pretrained.npz', content));
const means = async (content: Uint8Array): Promise<number[]> => {
  const { model } = await load(content);
  return [...(await model.predict(AT, { meanOnly: true })).mean.data];
};

/** The same model as plain JSON, which has its own tests. */
async function expected(document: Record<string, unknown>): Promise<number[]> {
  const rows = Array.from({ length: X.rows }, (_, i) => [...X.row(i)]);
  const { model } = await type.load(files.write('model.json', JSON.stringify({ X: rows, y, ...document })));
  return [...(await model.predict(AT, { meanOnly: true })).mean.data];
}

const ARD = { kernel: 'rbf', params: { variance: 2, lengthscale: [0.7, 1.3] }, noise: 0.1 };

describe('npz', () => {
  it('takes arrays by name, RBF where no kernel is named', async () => {
    const file = npz({ X, y, variance: [2], lengthscale: [0.7, 1.3], noise: [0.1] });
    expect((await load(file)).format).toBe('npz');
    expect(await means(file)).toEqual(await expected(ARD));
    const other = npz({ X_train: X, Y: new Matrix(4, 1, Float64Array.from(y)), variance: [2], lengthscales: [0.7, 1.3], noise_variance: [0.1] }); // prettier-ignore
    expect(await means(other)).toEqual(await expected(ARD));
  });

  it("takes GPy's param_array with the data it belongs to", async () => {
    expect(await means(npz({ X, Y: y, param_array: [2, 0.7, 1.3, 0.1] }))).toEqual(await expected(ARD));
    const iso = { kernel: 'ratquad', params: { variance: 2, lengthscale: 0.7, power: 1.5 }, noise: 0.1 };
    expect(await means(npz({ X, Y: y, kernel: 'ratquad', param_array: [2, 0.7, 1.5, 0.1] }))).toEqual(
      await expected(iso),
    );
  });

  it('takes a kernel as a text, of both byte orders, or as bytes', async () => {
    const tree = { type: 'product', parts: [{ type: 'matern32', dims: [1], params: { variance: 1, lengthscale: 2 } }, { type: 'linear', params: { variances: [1, 0.5] } }] }; // prettier-ignore
    const want = await expected({ kernel: tree, noise: 0.1 });
    const text = JSON.stringify(tree);
    for (const kernel of [
      text,
      texts([text], '(1,)', '>'),
      raw(`|S${text.length + 3}`, '()', Buffer.from(`${text}\0\0\0`)),
    ]) {
      expect(await means(npz({ X, y, kernel, noise: [0.1] }))).toEqual(want);
    }
  });

  it('takes names, a mean and both transforms', async () => {
    const file = npz({ X, y, variance: [2], lengthscale: [0.7, 1.3], noise: [0.1], mean: [0.3], y_mean: [1], y_std: [2], X_mean: [0.5, 1], X_std: [2, 3], input_names: ['angle', 'µ'], output_names: ['lift'] }); // prettier-ignore
    const want = await expected({ ...ARD, mean: 0.3, outputNorm: { mean: 1, std: 2 }, inputTransform: { offset: [0.5, 1], scale: [2, 3] } }); // prettier-ignore
    expect(await means(file)).toEqual(want);
    const { model } = await load(file);
    expect(model.inputs.map(({ name }) => name)).toEqual(['angle', 'µ']);
    expect(model.outputs.map(({ name }) => name)).toEqual(['lift']);
  });

  it('reads float32, big-endian and Fortran order', async () => {
    const columns = X.transpose().data;
    const swapped = Buffer.from(Float64Array.from(columns).buffer).swap64();
    const single = Buffer.from(Float32Array.from(y).buffer);
    const file = npz({ X: raw('>f8', '(4, 2)', swapped, true), y: raw('<f4', '(4,)', single), variance: [2], lengthscale: [0.7, 1.3], noise: [0.1] }); // prettier-ignore
    expect(await means(file)).toEqual(await expected(ARD));
  });

  it('uses L and alpha that are given, if they are those of the data', async () => {
    const kernel = buildKernel({ type: 'rbf', params: ARD.params }, 2);
    const { alpha, factor } = inferExact({
      kernel,
      X,
      Y: new Matrix(4, 1, Float64Array.from(y)),
      noise: 0.1,
    });
    const arrays = { X, y, variance: [2], lengthscale: [0.7, 1.3], noise: [0.1], alpha, L: factor.L };
    const { model } = await load(npz(arrays));
    expect(model.describe()).toMatchObject({ posterior: 'stored', posteriorCheck: { agreed: true } });
    await expect(load(npz({ ...arrays, noise: [0.2] }))).rejects.toThrow(
      /L and alpha do not belong to X, y, kernel and noise/,
    );
    await expect(load(npz({ ...arrays, L: X }))).rejects.toThrow(/L is 4 x 2 .* expected 4 x 4/);
    await expect(load(npz({ X, y, variance: [2], lengthscale: [1], noise: [0.1], alpha }))).rejects.toThrow(
      /"alpha" is not/,
    );
  });

  it.each<[string, Record<string, Content>, RegExp]>([
    ['parameters alone', { param_array: [1, 2, 3] }, /holds param_array, but no X and y: .*numpy\.savez/],
    ['arrays without names', { arr_0: X, arr_1: y }, /holds arr_0, arr_1, but no X and y/],
    ['a misspelt name', { X, y, variance: [2], lenghtscale: [1], noise: [0.1] }, /unknown parameter|lengthscale/],
    ['a name that is not read', { X, y, kernel: '{"type":"bias","params":{"variance":1}}', noise: [1], y_stdd: [1] }, /"y_stdd" is not an array .* did you mean y_std\?/],
    ['two names of one thing', { X, y, Y: y, variance: [2], lengthscale: [1], noise: [0.1] }, /"y" twice, also as "Y"/],
    ['no noise', { X, y, variance: [2], lengthscale: [1] }, /noise is missing/],
    ['too many parameters', { X, y, param_array: [1, 2, 3, 4, 5] }, /param_array has 5 numbers, expected 3 or 4/],
    ['parameters of a kernel that has others', { X, y, kernel: 'mlp', param_array: [1, 2, 3] }, /does not say which/],
    ['an unknown kernel', { X, y, kernel: 'rbv', noise: [1] }, /kernel must be one of rbf/],
    ['a broken kernel', { X, y, kernel: '{"type":', noise: [1] }, /In the array "kernel": Malformed JSON/],
    ['NaN', { X, y: [1, NaN, 2, 3], variance: [2], lengthscale: [1], noise: [0.1] }, /y holds NaN at position 1/],
    ['a name twice', { X, y, variance: [2], lengthscale: [1], noise: [1], input_names: ['a', 'a'] }, /input_names\[1\] must be a name of its own/],
    ['too few names', { X, y, variance: [2], lengthscale: [1], noise: [1], input_names: ['a'] }, /input_names must be a list of 2 variables/],
    ['a kernel of numbers', { X, y, kernel: [1], noise: [1] }, /kernel must hold 1 text, got numbers/],
    ['texts for numbers', { X: ['a', 'b'], y, noise: [1] }, /X must hold numbers, got texts/],
    ['a three-dimensional X', { X: raw('<f8', '(1, 1, 1)', Buffer.alloc(8)), y: [1], noise: [1] }, /X must be a matrix/],
    ['objects', { X: raw('|O', '(1,)', Buffer.from('80044e2e', 'hex')), y }, /In the array "X": .*never loaded/],
    ['a text longer than its bytes', { X, y, kernel: raw('<U999', '()', Buffer.alloc(8)) }, /does not fit its bytes/],
    ['a text of no characters', { X, y, kernel: raw('<U1', '()', Buffer.alloc(4, 255)) }, /is no character/],
  ])('refuses %s', async (_, arrays, message) => {
    const error = await load(npz(arrays)).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ModelFileError);
    expect((error as Error).message).toMatch(message);
  }); // prettier-ignore

  it('refuses an npy file, a zip bomb, and what is no archive', async () => {
    await expect(
      type.load(files.write('pretrained.npy', writeNpy([3], Float64Array.of(1, 2, 3)))),
    ).rejects.toThrow(/An npy file holds one array; a model needs its training data/);
    await expect(load(bomb())).rejects.toThrow(/more memory than MAX_MODEL_BYTES allows/);
    await expect(load(Buffer.from('PK\x03\x04 and no more', 'latin1'))).rejects.toThrow(
      /no ZIP archive|cut short/,
    );
  });
});

/** A small file that says, truly, that it unpacks to 300 MB. */
function bomb(): Buffer {
  const content = Buffer.alloc(300 * 2 ** 20);
  const packed = deflateRawSync(content);
  const file = writeZip(new Map([['X.npy', packed]]));
  // Method 8 and the unpacked size, in the local header and in the directory.
  const directory = file.lastIndexOf(Buffer.from('PK\x01\x02', 'latin1'));
  for (const at of [0, directory + 2]) {
    file.writeUInt16LE(8, at + 8);
    file.writeUInt32LE(content.length, at + 22);
  }
  return file;
}
