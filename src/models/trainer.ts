import type { Matrix } from '../numeric/linalg/matrix.js';
import type { Provenance } from './provenance.js';

/** What JSON can hold. */
export type PlainValue =
  null | boolean | number | string | readonly PlainValue[] | { readonly [key: string]: PlainValue };

/** Settings of a training, checked: what a client asked for, with every default filled in. */
export type TrainingSettings = Readonly<Record<string, PlainValue>>;

/** Observations: row i of Y is what was observed at row i of X. Finite numbers, at least one row. */
export interface TrainingData {
  /** n x d */
  readonly X: Matrix;
  /** n x p */
  readonly Y: Matrix;
  /** d names. */
  readonly inputs: readonly string[];
  /** p names. */
  readonly outputs: readonly string[];
}

/** What a training may use. */
export interface TrainingContext {
  /** Aborts when nobody wants the model any more: the training ends soon, with its reason. */
  readonly signal: AbortSignal;
  log(line: string): void;
  /**
   * Has each piece of work done by `Trainer.work`, with the same data and settings, several at a time and possibly on
   * other machines: their results, in the order of the pieces. `ahead`: how many pieces may follow these, at most.
   */
  share(pieces: readonly PlainValue[], ahead?: number): Promise<readonly PlainValue[]>;
}

export interface TrainedModel {
  /** A model file that the type of the trainer reads. */
  readonly content: Uint8Array;
  /** Of that file, with the dot. */
  readonly extension: string;
  /** What was found: `logMarginalLikelihood`, `hyperparameters`, ... */
  readonly facts: Readonly<Record<string, PlainValue>>;
  /** What a user should know about the model, in plain words. */
  readonly warnings: readonly string[];
}

/** How a model type learns from observations. The same data, settings and provenance give the same file, byte by byte. */
export interface Trainer {
  /** JSON Schemas of its settings, by name. */
  readonly settings: Readonly<Record<string, Readonly<Record<string, unknown>>>>;

  /**
   * Settings as a client gave them, completed with defaults. Throws InvalidInputError with everything that is wrong with
   * them, or another DomainError where these data cannot be trained on.
   */
  check(given: Readonly<Record<string, unknown>>, data: TrainingData): Promise<TrainingSettings>;

  /** Throws a DomainError where data and settings give no model. */
  train(
    data: TrainingData,
    settings: TrainingSettings,
    provenance: Provenance,
    context: TrainingContext,
  ): Promise<TrainedModel>;

  /** One piece of the work that `train` shares. Stops soon when `signal` aborts, with its reason. */
  work(
    data: TrainingData,
    settings: TrainingSettings,
    piece: PlainValue,
    signal: AbortSignal,
  ): Promise<PlainValue>;
}
