import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NumericError } from '../../../numeric/errors.js';
import { defaultLinearAlgebra } from '../../../numeric/linalg/default-linear-algebra.js';
import { Random } from '../../../numeric/random/random.js';
import { ModelFileError } from '../../model-errors.js';
import { ModelFile } from '../../model-file.js';
import type { ImportedGp } from './importer.js';
import { PickleError } from './pickle/pickle-error.js';
import { PickleImporter } from './pickle.importer.js';

const GOLDEN = join(import.meta.dirname, '../../../../test/golden');
const SEED = 23;
const importer = new PickleImporter();
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kriged-pickle-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(name: string, content: Uint8Array): ModelFile {
  const path = join(folder, name);
  writeFileSync(path, content);
  return new ModelFile(path);
}

function read(file: ModelFile, maxModelBytes = 2 ** 24): ImportedGp {
  return importer.read(file, { maxModelBytes, linalg: defaultLinearAlgebra() });
}

/** Whether a file is read or refused in words; anything else that is thrown is a fault. */
function isReadOrRefused(file: ModelFile): boolean {
  try {
    read(file);
  } catch (error) {
    const known = [ModelFileError, PickleError, NumericError].some((kind) => error instanceof kind);
    if (!known) throw error;
  }
  return true;
}

const files = [
  'sklearn/sklearn-1.7-joblib.joblib',
  'sklearn/sklearn-1.7-names-grid.joblib',
  'sklearn/sklearn-1.7-grid-search.pkl',
  'sklearn/sklearn-0.18-pipeline-zlib.joblib',
];

describe.each(files)('damaged: %s', (name) => {
  const whole = readFileSync(join(GOLDEN, name));

  it('cut off anywhere, it is refused', () => {
    const random = new Random(SEED);
    for (let i = 0; i < 150; i += 1) {
      const file = fileOf('cut.joblib', whole.subarray(0, Math.floor(random.uniform() * whole.length)));
      expect(() => read(file)).toThrow(/end|early|damaged|hold|MARK|stored/i);
      expect(isReadOrRefused(file)).toBe(true);
    }
  });

  it('with other bytes in it, it is read or refused', () => {
    const random = new Random(SEED);
    for (let i = 0; i < 300; i += 1) {
      const broken = Buffer.from(whole);
      for (let k = 0; k < 2; k += 1)
        broken[Math.floor(random.uniform() * broken.length)] = Math.floor(random.uniform() * 256);
      expect(isReadOrRefused(fileOf('broken.joblib', broken))).toBe(true);
    }
  });
});

describe('pickle files', () => {
  const plain = readFileSync(join(GOLDEN, 'sklearn/sklearn-1.7-trained.pkl'));

  it('are recognised by what they begin with, whatever their name', () => {
    expect(importer.recognises(fileOf('model.dat', plain))).toBe(true);
    expect(importer.recognises(fileOf('model.dat2', gzipSync(plain)))).toBe(true);
    expect(importer.recognises(fileOf('model.gz', gzipSync('{"class": "GPy.models.GPRegression"}')))).toBe(
      false,
    );
    expect(importer.recognises(fileOf('model.json', Buffer.from('{}')))).toBe(false);
  });

  it('say how they were written', () => {
    expect(read(fileOf('a.pkl', plain)).format).toBe('scikit-learn pickle (protocol 4)');
    expect(read(fileOf('a.pkl.gz', gzipSync(plain))).format).toBe('scikit-learn pickle (protocol 4, gzip)');
    const joblib = readFileSync(join(GOLDEN, 'sklearn/sklearn-1.7-joblib.joblib'));
    expect(read(fileOf('b', joblib)).format).toBe('scikit-learn joblib (protocol 4)');
    const gpy = readFileSync(join(GOLDEN, 'gpy/rbf-iso.pkl'));
    expect(read(fileOf('c.pkl.gz', gzipSync(gpy))).format).toMatch(/^GPy pickle \(protocol \d, gzip\)$/);
  });

  it('that unpack to more than a model may take are refused', () => {
    const bomb = fileOf('bomb.pkl.gz', gzipSync(Buffer.alloc(80 * 2 ** 20)));
    expect(() => read(bomb, 2 ** 20)).toThrow('unpacks to more than');
  });

  it('of models that take more memory than is allowed are refused', () => {
    const file = fileOf('large.joblib', readFileSync(join(GOLDEN, 'sklearn/sklearn-1.7-joblib.joblib')));
    expect(() => read(file, 1000)).toThrow('more than MAX_MODEL_BYTES allows');
  });
});
