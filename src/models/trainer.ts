import type { Matrix } from '../numeric/linalg/matrix.js';
import type { Model } from './model.js';

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
  progress(done: number, total: number, message?: string): void;
  log(line: string): void;
  /**
   * Has each piece of work done by `Trainer.work`, with the same data and settings, several at a time and possibly on
   * other machines: their results, in the order of the pieces.
   */
  share(pieces: readonly PlainValue[], onProgress: (done: number) => void): Promise<PlainValue[]>;
}

export interface TrainedModel {
  readonly model: Model;
  /** What was found: `logMarginalLikelihood`, `hyperparameters`, ... */
  readonly facts: Readonly<Record<string, PlainValue>>;
  /** What a user should know about the training, in plain words. */
  readonly warnings: readonly string[];
}

/** How a model type learns from observations. The same data and settings give the same model, bit by bit. */
export interface Trainer {
  /** JSON Schemas of its settings, by name: for the documentation, and to know what a text in a form stands for. */
  readonly settings: Readonly<Record<string, Readonly<Record<string, unknown>>>>;

  /** Settings as a client gave them, with defaults, or InvalidInputError with everything that is wrong with them or with the data. */
  check(given: Readonly<Record<string, unknown>>, data: TrainingData): Promise<TrainingSettings>;

  /** Throws a DomainError where these data and settings give no model. */
  train(data: TrainingData, settings: TrainingSettings, context: TrainingContext): Promise<TrainedModel>;

  /** One piece of the work that `train` shares. */
  work(
    data: TrainingData,
    settings: TrainingSettings,
    piece: PlainValue,
    context: Pick<TrainingContext, 'signal' | 'log'>,
  ): Promise<PlainValue>;
}
