import { quote } from '../../../../common/media/describe.js';
import { MalformedBodyError } from '../../../../common/media/issue.js';
import { parseJsonText } from '../../../../common/media/json-text.js';
import { checkPosterior, type PosteriorCheck } from '../../../../numeric/gp/check-posterior.js';
import { GPY_NUGGET } from '../../../../numeric/gp/fit-posterior.js';
import type { GpState, PosteriorFactor } from '../../../../numeric/gp/gp-state.js';
import { noiseVariances } from '../../../../numeric/gp/noise.js';
import { buildKernel } from '../../../../numeric/kernels/kernels.js';
import type { LinearAlgebra } from '../../../../numeric/linalg/linear-algebra.js';
import type { Matrix } from '../../../../numeric/linalg/matrix.js';
import { ModelFileError } from '../../../model-errors.js';
import { Field, ROOT } from '../document/field.js';
import { readKernel } from '../document/kernel-field.js';
import { COMMON_FIELDS, readModelFields } from '../document/model-fields.js';
import type { ImportedGp } from '../importer.js';
import { FORMAT, KIND, METADATA_KEY, SLOPE_NAME, VERSION } from './model-tensors.js';
import type { Safetensors, Tensor } from './safetensors.js';

const OWN_FIELDS = [
  'format', 'version', 'kind', 'source', 'kernel', 'jitter', 'variance', 'trainingPoints', 'warnings', 'sha256',
] as const; // prettier-ignore

/** Makes a GP of what `saveGp` or the Python exporter wrote. Throws ModelFileError where the parts do not agree. */
export function loadGp(file: Safetensors, linalg: LinearAlgebra): ImportedGp {
  const members = new Field(ROOT, parseMetadata(file)).members([...OWN_FIELDS, ...COMMON_FIELDS]);
  requireFormat(members.required('format', FORMAT), FORMAT);
  requireVersion(members.required('version', String(VERSION)));
  requireFormat(members.required('kind', KIND), KIND);
  verifyDigests(file.tensors, members.required('sha256', 'one SHA-256 a tensor'));

  const tensors = new TensorTable(file.tensors);
  const alpha = tensors.take('alpha');
  const factor = readFactor(tensors);
  const Z = tensors.take(factor.type === 'cholesky' ? 'X' : 'Z');
  const y = factor.type === 'cholesky' ? tensors.find('y') : undefined;
  const { state: parts, facts } = readModelFields(members, Z.cols, alpha.cols, (slope) => {
    const name = slope.text('the name of a tensor');
    return SLOPE_NAME.test(name)
      ? tensors.take(name)
      : slope.refuse('the name of a tensor: mean.0, mean.1, ...');
  });
  tensors.requireAllTaken();
  if (y && (y.rows !== Z.rows || y.cols !== alpha.cols)) {
    throw new ModelFileError(`y is ${y.rows} x ${y.cols}, expected ${Z.rows} x ${alpha.cols}.`);
  }

  const state: GpState = {
    kernel: readKernel(members.required('kernel', 'a kernel')),
    Z,
    alpha,
    factor,
    ...parts,
  };
  const variance = members.required('variance', '"observed" or "latent"');
  requireFormat(variance, state.noise.type === 'heteroscedastic' ? 'latent' : 'observed');
  const jitter = members.optional('jitter')?.number(0);
  const posteriorCheck = y && checkAgainst(state, y, jitter ?? GPY_NUGGET, linalg);
  return {
    state,
    format: `Kriged safetensors (version ${VERSION})`,
    source: members.optional('source')?.text() ?? facts.provenance?.library ?? 'unknown',
    trainingPoints: members.optional('trainingPoints')?.wholeNumber(1) ?? Z.rows,
    posterior: 'stored',
    ...(posteriorCheck && { posteriorCheck }),
    warnings:
      members
        .optional('warnings')
        ?.list()
        .map((warning) => warning.text()) ?? [],
    ...facts,
    ...(y && { trainingOutputs: y }),
    ...(jitter !== undefined && { jitter }),
  };
}

function parseMetadata({ metadata }: Safetensors): unknown {
  const text = metadata.get(METADATA_KEY);
  if (text === undefined) {
    const advice = 'export the model with exporters/kriged_export.py';
    throw new ModelFileError(`The safetensors file has no metadata "${METADATA_KEY}": ${advice}.`);
  }
  try {
    return parseJsonText(text, { uniqueKeys: true });
  } catch (error) {
    if (error instanceof MalformedBodyError) throw new ModelFileError(`In its metadata: ${error.message}`);
    throw error;
  }
}

function requireFormat(field: Field, expected: string): void {
  if (field.value !== expected) field.refuse(quote(expected));
}

function requireVersion(field: Field): void {
  const version = field.wholeNumber(1);
  if (version !== VERSION) field.refuse(String(VERSION), 'the file is of a newer version than this server');
}

function verifyDigests(tensors: ReadonlyMap<string, Tensor>, digests: Field): void {
  const members = digests.members([...tensors.keys()]);
  for (const [name, { sha256 }] of tensors) {
    if (members.required(name, 'the SHA-256 of the tensor').value === sha256) continue;
    throw new ModelFileError(`The tensor ${quote(name)} is damaged: its SHA-256 is not the one in the file.`);
  }
}

function readFactor(tensors: TensorTable): PosteriorFactor {
  const W = tensors.find('W');
  return W ? { type: 'inverse', W } : { type: 'cholesky', L: tensors.take('L') };
}

/** The stored posterior is used as it is; this says how well it fits. Unknown where the training noise is. */
function checkAgainst(
  state: GpState,
  Y: Matrix,
  jitter: number,
  linalg: LinearAlgebra,
): PosteriorCheck | undefined {
  const { kernel, Z: X, noise, mean, alpha, factor } = state;
  if (noise.type === 'heteroscedastic' || factor.type !== 'cholesky') return undefined;
  if (factor.L.rows !== X.rows || factor.L.cols !== X.rows || alpha.rows !== X.rows) return undefined;
  // `checkPosterior` adds the nugget of GPy.
  const onDiagonal = noiseVariances(noise, X).map((variance) => variance + jitter - GPY_NUGGET);
  const data = { kernel: buildKernel(kernel, X.cols, linalg), X, Y, noise: onDiagonal, mean };
  return checkPosterior(data, { L: factor.L, alpha }, linalg);
}

/** The tensors of a file, each to be used. */
class TensorTable {
  readonly #taken = new Set<string>();

  constructor(private readonly tensors: ReadonlyMap<string, Tensor>) {}

  find(name: string): Matrix | undefined {
    const matrix = this.tensors.get(name)?.matrix;
    if (matrix === undefined) return undefined;
    this.#taken.add(name);
    const at = matrix.data.findIndex((value) => !Number.isFinite(value));
    if (at < 0) return matrix;
    throw new ModelFileError(
      `The tensor ${quote(name)} holds ${matrix.data[at]} in row ${Math.floor(at / matrix.cols)}, expected finite numbers.`,
    );
  }

  take(name: string): Matrix {
    const matrix = this.find(name);
    if (matrix) return matrix;
    throw new ModelFileError(
      `The tensor ${quote(name)} is missing: the file has ${[...this.tensors.keys()].join(', ')}.`,
    );
  }

  requireAllTaken(): void {
    for (const name of this.tensors.keys()) {
      if (!this.#taken.has(name))
        throw new ModelFileError(`The tensor ${quote(name)} belongs to no part of the model.`);
    }
  }
}
