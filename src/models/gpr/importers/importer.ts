import type { PosteriorCheck } from '../../../numeric/gp/check-posterior.js';
import type { GpState } from '../../../numeric/gp/gp-state.js';
import type { LinearAlgebra } from '../../../numeric/linalg/linear-algebra.js';
import type { Matrix } from '../../../numeric/linalg/matrix.js';
import type { ModelCheck } from '../../model-check.js';
import type { ModelFile } from '../../model-file.js';
import type { Provenance } from '../../provenance.js';

/** What a file says about an input or output. */
export interface NamedVariable {
  readonly name: string;
  readonly unit?: string;
  readonly lower?: number;
  readonly upper?: number;
}

/** What an importer makes of a file: a GP that can predict, and the facts about it worth showing. */
export interface ImportedGp {
  readonly state: GpState;
  /** The file format, in words: "GPy pickle (protocol 4)". */
  readonly format: string;
  /** Library class the model was, as the file names it. */
  readonly source: string;
  /** Version of that library, where the file names it. */
  readonly sourceVersion?: string;
  /** Number of training points, also for a sparse model (whose Z holds its inducing points). */
  readonly trainingPoints: number;
  /** `stored` with the file, or computed from its data on load. */
  readonly posterior: 'stored' | 'rebuilt';
  /** How well a stored posterior fits the parameters and the data, where that was looked at. */
  readonly posteriorCheck?: PosteriorCheck;
  /** What a user should know about this model, in plain words. */
  readonly warnings: readonly string[];
  /** One an input and one an output, where the file names them. */
  readonly inputs?: readonly NamedVariable[];
  readonly outputs?: readonly NamedVariable[];
  readonly checks?: readonly ModelCheck[];
  /** Training outputs as the posterior saw them (normalised), n x p; of exact models, whose state holds the inputs. */
  readonly trainingOutputs?: Matrix;
  /** What stands on the diagonal of L L^T beside kernel and noise. */
  readonly jitter?: number;
  readonly provenance?: Provenance;
}

export interface ImportContext {
  /** Most bytes that the model's arrays may take in memory. */
  readonly maxModelBytes: number;
  /** Checks stored posteriors, and computes those that are missing. */
  readonly linalg: LinearAlgebra;
}

/** Reads one foreign file format into a GP. Executes nothing of the file. */
export interface Importer {
  readonly name: string;
  /** By the file's first bytes and extension; no further reading. */
  recognises(file: ModelFile): boolean;
  /** Throws ModelFileError with a reason for people: damaged, hostile, too large, or not supported. */
  read(file: ModelFile, context: ImportContext): ImportedGp;
}
