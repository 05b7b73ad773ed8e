import type { InputRange } from '../numeric/gp/training-domain.js';
import type { Matrix } from '../numeric/linalg/matrix.js';
import type { ModelDiagnostics } from './model-diagnostics.js';
import { MethodNotSupportedError } from './model-errors.js';
import type { PredictOptions, Prediction } from './prediction.js';
import type { Provenance } from './provenance.js';

/** An input or output of a model. */
export interface Variable {
  readonly name: string;
  /** `real`, or `index`: an integer from `lower` to `upper` that picks one of several outputs. */
  readonly kind: 'real' | 'index';
  readonly unit?: string;
  readonly lower?: number;
  readonly upper?: number;
  readonly description?: string;
}

/** The facts about a model that a person wants to see, beside its inputs and outputs. */
export interface ModelDescription {
  /** What `variance` means: with the noise, or (where unseen points have none) without it. */
  readonly variance?: 'observed' | 'latent';
  /** Facts of this type of model: kernel, hyperparameters, number of training points, ... */
  readonly [fact: string]: unknown;
}

/** What a model type may leave out: methods, and parts of an answer. */
const OPTIONAL_METHODS = [
  'variance',
  'quantiles',
  'gradient',
  'covariance',
  'sample',
  'domain',
  'diagnostics',
  'fit',
  'observe',
  'save',
] as const;
export type OptionalMethod = (typeof OPTIONAL_METHODS)[number];

/**
 * Something with named inputs and outputs that predicts. A model type extends this class, implements `predict`,
 * names in `supported` what else it can do, and overrides those methods; what it leaves out answers
 * MethodNotSupportedError. Callers never ask which type a model is, only what it supports.
 */
export abstract class Model {
  /** Name of the model type: `gpr`, ... */
  abstract readonly type: string;
  abstract readonly inputs: readonly Variable[];
  abstract readonly outputs: readonly Variable[];

  /** Optional methods and options of `predict` that this type has. */
  protected abstract readonly supported: ReadonlySet<OptionalMethod>;

  /**
   * Predicts each row of `X` (N x d, columns in the order of `inputs`). Long work yields to other requests and
   * stops with the signal's reason when `signal` aborts. What a model has to say meanwhile (the standard error of an
   * external solver) goes to `onLog`, line by line.
   */
  abstract predict(
    X: Matrix,
    options: PredictOptions,
    signal?: AbortSignal,
    onLog?: (line: string) => void,
  ): Promise<Prediction>;

  abstract describe(): ModelDescription;

  /** Where its training data lie, one an input. Of models that support `domain`. */
  get trainingRanges(): readonly InputRange[] | undefined {
    return undefined;
  }

  /** Whether one row is over before anybody could hang up. */
  get isPrompt(): boolean {
    return false;
  }

  /** Memory that its arrays take. */
  get bytes(): number {
    return 0;
  }

  /** How well its own training data bear it out. Long work, which stops with the signal's reason. */
  diagnose(_signal?: AbortSignal): Promise<ModelDiagnostics> {
    throw new MethodNotSupportedError(this.type, 'diagnostics');
  }

  /** Learns from observations: a new model, this one stays as it is. */
  fit(_X: Matrix, _Y: Matrix, _signal?: AbortSignal): Promise<Model> {
    throw new MethodNotSupportedError(this.type, 'fit');
  }

  /**
   * Adds observations to those it was trained on, N x d and N x p in their own units: a new model with the same
   * hyperparameters, this one stays as it is. Throws ObservationsRefusedError for rows that it cannot take.
   */
  observe(_X: Matrix, _Y: Matrix, _signal?: AbortSignal): Promise<Model> {
    throw new MethodNotSupportedError(this.type, 'observe');
  }

  /** The model as the bytes of a file. The same model and provenance give the same bytes. */
  save(_provenance?: Provenance): Promise<Uint8Array> {
    throw new MethodNotSupportedError(this.type, 'save');
  }

  /** Gives back what the model holds beside its arrays (connections, processes); no request uses it any more. */
  release(): void {
    // Most models hold nothing but arrays.
  }

  get supportedMethods(): readonly OptionalMethod[] {
    return OPTIONAL_METHODS.filter((method) => this.supports(method));
  }

  supports(method: OptionalMethod): boolean {
    return this.supported.has(method);
  }

  /** Throws MethodNotSupportedError for the first option that this type of model cannot give. */
  requireSupportFor(options: PredictOptions): void {
    const needed: [OptionalMethod, boolean][] = [
      ['variance', options.latentVariance === true],
      ['quantiles', options.quantiles !== undefined || options.credibleInterval !== undefined],
      ['gradient', options.gradients === true],
      ['covariance', options.covariance === true],
      ['sample', options.samples !== undefined],
    ];
    for (const [method, wanted] of needed) {
      if (wanted && !this.supports(method)) throw new MethodNotSupportedError(this.type, method);
    }
  }
}
