import type { GpState } from '../../../../numeric/gp/gp-state.js';
import type { Matrix } from '../../../../numeric/linalg/matrix.js';
import type { Variable } from '../../../model.js';
import type { Provenance } from '../../../provenance.js';
import type { ImportedGp, NamedVariable } from '../importer.js';
import { canonicalJson } from './canonical-json.js';
import { FORMAT, KIND, METADATA_KEY, nameSlopes, VERSION } from './model-tensors.js';
import { type PackedTensor, packTensor, writeSafetensors } from './write-safetensors.js';

/** What our own file holds of a model. */
export interface SavedGp {
  readonly state: GpState;
  readonly facts: Omit<ImportedGp, 'state'>;
  readonly inputs: readonly Variable[];
  readonly outputs: readonly Variable[];
  /** What `variance` means. */
  readonly variance: 'observed' | 'latent';
}

/**
 * A GP as the bytes of our own file (docs/formats.md). They follow from the model alone: there is no clock in them,
 * and `provenance` adds to what the model knows of its origin.
 */
export function saveGp({ state, facts, inputs, outputs, variance }: SavedGp, provenance: Provenance): Buffer {
  const tensors = new Map<string, PackedTensor>();
  const put = (name: string, matrix: Matrix): string => {
    tensors.set(name, packTensor(matrix));
    return name;
  };
  const { factor, mean } = state;
  // Of an inverse factor, Z are the inducing points.
  put(factor.type === 'cholesky' ? 'X' : 'Z', state.Z);
  if (factor.type === 'cholesky' && facts.trainingOutputs) put('y', facts.trainingOutputs);
  put('alpha', state.alpha);
  if (factor.type === 'cholesky') put('L', factor.L);
  else put('W', factor.W);
  let slopes = 0;
  const named = mean && nameSlopes(mean, (A) => put(`mean.${slopes++}`, A));
  const document = {
    format: FORMAT,
    version: VERSION,
    kind: KIND,
    source: facts.source,
    kernel: state.kernel,
    noise: state.noise,
    jitter: facts.jitter,
    mean: named,
    outputNorm: state.outputNorm,
    inputTransform: state.inputTransform,
    inputs: inputs.map(nameOf),
    outputs: outputs.map(nameOf),
    variance,
    trainingPoints: facts.trainingPoints,
    warnings: facts.warnings,
    sha256: Object.fromEntries([...tensors].map(([name, { sha256 }]) => [name, sha256])),
    provenance: { ...(facts.provenance ?? { sourceFormat: facts.format }), ...provenance },
    checks: facts.checks,
  };
  return writeSafetensors({ [METADATA_KEY]: canonicalJson(document) }, tensors);
}

/** What our file says of an input or output. */
export function nameOf({ name, unit, lower, upper }: Variable): NamedVariable {
  return {
    name,
    ...(unit !== undefined && { unit }),
    ...(lower !== undefined && { lower }),
    ...(upper !== undefined && { upper }),
  };
}
