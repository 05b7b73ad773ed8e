import type { GpState, MeanSpec, NoiseSpec } from '../../numeric/gp/gp-state.js';
import type { InputRange } from '../../numeric/gp/training-domain.js';
import type { KernelSpec } from '../../numeric/kernels/kernel-spec.js';
import type { Matrix } from '../../numeric/linalg/matrix.js';
import type { ModelDiagnostics } from '../model-diagnostics.js';
import { MethodNotSupportedError } from '../model-errors.js';
import { Model, type ModelDescription, type OptionalMethod, type Variable } from '../model.js';
import type { PredictOptions, Prediction } from '../prediction.js';
import type { Provenance } from '../provenance.js';
import { varianceKind } from './compute-prediction.js';
import type { GpEngine, SharedGp } from './gp-engine.js';
import type { ImportedGp, NamedVariable } from './importers/importer.js';
import { nameOf } from './importers/safetensors/save-gp.js';
import { refit } from './training/refit.js';

export const GPR = 'gpr';

const SPARSE =
  'This model is sparse: it keeps inducing points, not its training data, and there is no closed formula for leaving ' +
  'one of these out. Score it on data that it has not seen.';
const ALWAYS: readonly OptionalMethod[] = [
  'variance',
  'save',
  'gradient',
  'covariance',
  'sample',
  'quantiles',
  'domain',
  'diagnostics',
];

/** Gaussian process regression: exact or sparse, one or several outputs. */
export class GprModel extends Model {
  readonly type = GPR;
  readonly inputs: readonly Variable[];
  readonly outputs: readonly Variable[];
  protected readonly supported: ReadonlySet<OptionalMethod>;
  readonly #engine: GpEngine;
  readonly #shared: SharedGp;
  readonly #ranges: readonly InputRange[];
  readonly #facts: Omit<ImportedGp, 'state'>;

  /** Throws GpStateError or KernelSpecError where the parts do not fit together. */
  constructor(imported: ImportedGp, engine: GpEngine) {
    super();
    const { state, ...facts } = imported;
    this.#facts = facts;
    this.#engine = engine;
    this.supported = new Set([
      ...ALWAYS,
      ...(isObservable(state) ? (['observe'] as const) : []),
      ...(isTrainable(state) ? (['fit'] as const) : []),
    ]);
    this.#shared = engine.create(state);
    const { inputDim, outputDim, inputRanges } = this.#shared.gp;
    this.#ranges = inputRanges;
    const indices = outputIndices(state);
    this.inputs = Array.from({ length: inputDim }, (_, dim) =>
      inputVariable(facts.inputs?.[dim] ?? { name: `x${dim + 1}` }, indices.get(dim)),
    );
    this.outputs = Array.from({ length: outputDim }, (_, output) => ({
      ...(facts.outputs?.[output] ?? { name: outputDim === 1 ? 'y' : `y${output + 1}` }),
      kind: 'real',
    }));
  }

  /** Its covariance matrix is extended, in O(n^2 N). Throws MethodNotSupportedError with the reason. */
  override async observe(X: Matrix, Y: Matrix, signal?: AbortSignal): Promise<GprModel> {
    const { inputs, outputs } = this;
    const facts = { ...this.#facts, inputs: inputs.map(nameOf), outputs: outputs.map(nameOf) };
    return new GprModel(await this.#shared.observe(facts, X, Y, signal), this.#engine);
  }

  /** By maximum marginal likelihood, from its own hyperparameters on. */
  override async fit(X: Matrix, Y: Matrix, signal?: AbortSignal): Promise<GprModel> {
    const { type, inputs, outputs } = this;
    const { state } = this.#shared.gp;
    const learner = { type, state, inputs: inputs.map(nameOf), outputs: outputs.map(nameOf) };
    return new GprModel(await refit(learner, X, Y, this.#engine, signal), this.#engine);
  }

  /** Our own file (docs/formats.md): what is loaded from it predicts the same, bit by bit. */
  override save(provenance: Provenance = {}): Promise<Uint8Array> {
    const { inputs, outputs } = this;
    const saved = { facts: this.#facts, inputs, outputs, variance: varianceKind(this.#shared.gp) };
    return this.#shared.save(saved, provenance);
  }

  predict(X: Matrix, options: PredictOptions, signal?: AbortSignal): Promise<Prediction> {
    return this.#shared.predict(X, options, signal);
  }

  override async diagnose(signal?: AbortSignal): Promise<ModelDiagnostics> {
    const indices = this.inputs.flatMap(({ kind }, dim) => (kind === 'index' ? [dim] : []));
    const diagnostics = await this.#shared.diagnose(indices, signal);
    const [input] = indices;
    return {
      ...diagnostics,
      ...(!diagnostics.leaveOneOut && { withoutLeaveOneOut: SPARSE }),
      ...(input !== undefined && { index: { input, values: this.#shared.gp.state.Z.column(input) } }),
    };
  }

  override requireSupportFor(options: PredictOptions): void {
    super.requireSupportFor(options);
    if (options.sampleNoise === true && varianceKind(this.#shared.gp) === 'latent') {
      throw new MethodNotSupportedError(
        this.type,
        'sample',
        'its noise is known at the training points only',
      );
    }
  }

  override get trainingRanges(): readonly InputRange[] {
    return this.#ranges;
  }

  override estimateSeconds(rows: number, options: PredictOptions): number {
    return this.#shared.estimateSeconds(rows, options);
  }

  override get rowsTogether(): number {
    return this.#shared.rowsTogether;
  }

  override get isPrompt(): boolean {
    return true;
  }

  describe(): ModelDescription {
    const { source, sourceVersion, trainingPoints, posterior, posteriorCheck, warnings, provenance } =
      this.#facts;
    const { state } = this.#shared.gp;
    return {
      variance: varianceKind(this.#shared.gp),
      source,
      ...(sourceVersion !== undefined && { sourceVersion }),
      trainingPoints,
      ...(state.factor.type === 'inverse' && { inducingPoints: state.Z.rows }),
      domain: {
        points: state.factor.type === 'inverse' ? 'inducing' : 'training',
        inputs: this.#ranges,
      },
      kernel: state.kernel,
      noise: this.#describeNoise(state.noise),
      ...(state.mean && { mean: describeMean(state.mean) }),
      ...(state.outputNorm && { normaliser: state.outputNorm }),
      ...(state.inputTransform && { inputTransform: state.inputTransform }),
      posterior,
      ...(posteriorCheck && { posteriorCheck }),
      warnings,
      ...(provenance && { provenance }),
    };
  }

  override get bytes(): number {
    return this.#shared.bytes;
  }

  override release(): void {
    this.#shared.release();
  }

  #describeNoise(noise: NoiseSpec): Record<string, unknown> {
    if (noise.type === 'gaussian') return { type: 'gaussian', variance: noise.variance };
    if (noise.type === 'by-index')
      return { type: 'by-index', input: this.inputs[noise.dim].name, variances: noise.variances };
    return { type: 'heteroscedastic' };
  }
}

/** Whether it is exact, with one noise variance: what training makes. */
function isTrainable({ factor, noise }: GpState): boolean {
  return factor.type === 'cholesky' && noise.type === 'gaussian';
}

/** Whether it has all its training points, and other points have the same noise. */
function isObservable({ factor, noise }: GpState): boolean {
  return factor.type === 'cholesky' && noise.type !== 'heteroscedastic';
}

function inputVariable(named: NamedVariable, indices: number | undefined): Variable {
  return indices === undefined
    ? { ...named, kind: 'real' }
    : { ...named, kind: 'index', lower: 0, upper: indices - 1 };
}

/** Input columns that hold an output index, and how many outputs every part of the model knows. */
function outputIndices({ kernel, noise }: GpState): Map<number, number> {
  const found = new Map<number, number>();
  const note = (dim: number, outputs: number): void => {
    found.set(dim, Math.min(outputs, found.get(dim) ?? outputs));
  };
  const visit = ({ type, params, dims, parts }: KernelSpec): void => {
    const kappa = params?.kappa;
    if (type === 'coregionalize') note(dims?.[0] ?? 0, Array.isArray(kappa) ? kappa.length : 1);
    parts?.forEach(visit);
  };
  visit(kernel);
  if (noise.type === 'by-index') note(noise.dim, noise.variances.length);
  return found;
}

function describeMean(mean: MeanSpec): Record<string, unknown> {
  switch (mean.type) {
    case 'constant':
      return { type: 'constant', value: mean.value };
    case 'linear':
      return { type: 'linear', A: Array.from({ length: mean.A.rows }, (_, i) => [...mean.A.row(i)]) };
    case 'sum':
      return { type: 'sum', parts: mean.parts.map(describeMean) };
  }
}
