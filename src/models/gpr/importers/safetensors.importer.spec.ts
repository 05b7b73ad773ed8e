import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { gprModelType } from '../../../../test/support/gpr-model-type.js';
import { ModelFiles } from '../../../../test/support/model-files.js';
import { ModelFile } from '../../model-file.js';
import { Matrix } from '../../../numeric/linalg/matrix.js';
import { ModelFileError } from '../../model-errors.js';
import type { LoadedModel } from '../../model-type.js';
import { canonicalJson } from './safetensors/canonical-json.js';
import { readSafetensors } from './safetensors/read-safetensors.js';
import { packTensor, writeSafetensors } from './safetensors/write-safetensors.js';

const files = new ModelFiles();
afterAll(() => files.remove());
const type = gprModelType();
const path = join(import.meta.dirname, '../../../../test/golden/exported/gpy-sum-and-mean.safetensors');

type Json = Record<string, unknown>;

/** The golden file with another document or other tensors, and digests that are right again. */
function changed(
  document: (own: Json) => Json,
  tensors: (own: Map<string, Matrix>) => void = () => {},
): Buffer {
  const { metadata, tensors: found } = readSafetensors(new ModelFile(path), 1e9);
  const matrices = new Map([...found].map(([name, { matrix }]) => [name, matrix]));
  tensors(matrices);
  const packed = new Map([...matrices].map(([name, matrix]) => [name, packTensor(matrix)]));
  const sha256 = Object.fromEntries([...packed].map(([name, tensor]) => [name, tensor.sha256]));
  const own = { ...(JSON.parse(metadata.get('kriged') as string) as Json), sha256 };
  return writeSafetensors({ kriged: canonicalJson(document(own)) }, packed);
}

const load = (bytes: Uint8Array): Promise<LoadedModel> => type.load(files.write('model.safetensors', bytes));
const same = (own: Json): Json => own;

describe('our own file', () => {
  it('has names, checks, provenance and the training outputs', async () => {
    const named = changed((own) => ({
      ...own,
      inputs: [{ name: 'angle', unit: 'deg', lower: -1, upper: 1 }, { name: 'mach' }, { name: 'height' }],
      outputs: [{ name: 'lift', unit: 'N' }],
    }));
    const { model, checks, format } = await load(named);
    expect(format).toBe('Kriged safetensors (version 1)');
    expect(model.inputs[0]).toEqual({ name: 'angle', kind: 'real', unit: 'deg', lower: -1, upper: 1 });
    expect(model.outputs).toEqual([{ name: 'lift', kind: 'real', unit: 'N' }]);
    expect(checks).toHaveLength(8);
    expect(model.describe()).toMatchObject({
      posteriorCheck: { agreed: true },
      provenance: { library: 'GPy', exporter: 'kriged_export 1' },
    });
  });

  it('is saved with what the caller knows of its origin, and no clock of its own', async () => {
    const { model } = await load(readFileSync(path));
    const plain = await model.save();
    const dated = await model.save({ created: '2026-01-02T03:04:05Z', sourceSha256: 'ab' });
    expect(Buffer.from(dated).includes('created')).toBe(true);
    const { model: again } = await load(dated);
    expect(again.describe()).toMatchObject({
      provenance: { library: 'GPy', created: '2026-01-02T03:04:05Z' },
    });
    expect(Buffer.from(await model.save()).equals(plain)).toBe(true);
  });

  it('says where the posterior is not that of the data', async () => {
    const other = changed((own) => ({ ...own, noise: { type: 'gaussian', variance: 0.5 } }));
    const { model } = await load(other);
    expect(model.describe()).toMatchObject({ posteriorCheck: { agreed: false } });
  });

  it('refuses numbers that were changed on the way', async () => {
    const bytes = Buffer.from(readFileSync(path));
    bytes[bytes.length - 100] ^= 1;
    await expect(load(bytes)).rejects.toThrow(/is damaged: its SHA-256/);
  });

  it.each<[string, Buffer, RegExp]>([
    ['no metadata of ours', writeSafetensors({ format: 'pt' }, new Map()), /no metadata "kriged": export the model/],
    ['broken metadata', writeSafetensors({ kriged: '{"a":1,"a":2}' }, new Map()), /In its metadata: .*twice/],
    ['another format', changed((own) => ({ ...own, format: 'x' })), /format must be "kriged"/],
    ['a newer version', changed((own) => ({ ...own, version: 2 })), /version must be 1, got 2: the file is of a newer/],
    ['another kind', changed((own) => ({ ...own, kind: 'tree' })), /kind must be "gpr"/],
    ['an unknown field', changed((own) => ({ ...own, kernels: 1 })), /kernels is not a field .* did you mean kernel\?/],
    ['no digests', changed((own) => ({ ...own, sha256: undefined })), /sha256 is missing/],
    ['a digest of nothing', changed((own) => ({ ...own, sha256: { ...(own.sha256 as Json), Q: '' } })), /sha256.Q is not a field/],
    ['the other variance', changed((own) => ({ ...own, variance: 'latent' })), /variance must be "observed"/],
    ['no alpha', changed(same, (own) => own.delete('alpha')), /tensor "alpha" is missing/],
    ['neither L nor W', changed(same, (own) => own.delete('L')), /tensor "L" is missing/],
    ['a tensor of nothing', changed(same, (own) => own.set('Q', Matrix.zeros(1, 1))), /"Q" belongs to no part/],
    ['y of another length', changed(same, (own) => own.set('y', Matrix.zeros(2, 1))), /y is 2 x 1, expected 30 x 1/],
    ['L of another size', changed(same, (own) => own.set('L', Matrix.zeros(2, 2))), /L must be 30 x 30, got 2 x 2/],
    ['a pivot of 0', changed(same, (own) => own.set('L', Matrix.zeros(30, 30))), /positive, finite diagonal/],
    ['NaN', changed(same, (own) => own.set('alpha', new Matrix(30, 1, new Float64Array(30).fill(NaN)))), /"alpha" holds NaN in row 0/],
    ['a mean without its tensor', changed(same, (own) => own.delete('mean.0')), /tensor "mean.0" is missing/],
    ['a mean that names another tensor', changed((own) => ({ ...own, mean: { type: 'linear', A: 'L' } })), /mean.A must be the name of a tensor: mean.0/],
    ['an index of noise that is no column', changed((own) => ({ ...own, noise: { type: 'by-index', dim: 9, variances: [1] } })), /index column|must be an integer/],
    ['a kernel parameter that is missing', changed((own) => ({ ...own, kernel: { type: 'rbf', params: {} } })), /is missing/],
  ])('refuses %s', async (_, bytes, message) => {
    const error = await load(bytes).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ModelFileError);
    expect((error as Error).message).toMatch(message);
  }); // prettier-ignore
});
