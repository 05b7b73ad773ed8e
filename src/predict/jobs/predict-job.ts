import type { FileFormat } from '../../common/media/detect.js';
import type { PredictOptions } from '../../models/prediction.js';
import type { ModelIdentity } from '../model-identity.js';
import type { PredictionShape } from './prediction-file.js';

export const PREDICT = 'predict';
export const PREDICT_PART = 'predict-part';

/** What a job of type `predict` is given. */
export interface PredictJobRequest {
  /** The version that was meant when the job was made: no other one answers. */
  readonly model: ModelIdentity;
  readonly options: JobPredictOptions;
  readonly input: JobInput;
}

export type JobPredictOptions = PredictOptions & { readonly squeeze?: boolean };

export type JobInput =
  /** Rows that were checked, as the artifact `rows`. */
  | { readonly kind: 'rows'; readonly rows: number }
  /** A file as it was sent, as the artifact `input`. */
  | { readonly kind: 'upload'; readonly format: FileFormat; readonly bytes: number }
  /** A file of the input folder. */
  | { readonly kind: 'file'; readonly file: string };

/** How a prediction is cut. It is made once for a job, so that another attempt finds the same parts. */
export interface PredictPlan {
  readonly rows: number;
  readonly rowsPerPart: number;
  readonly parts: number;
  /** Those of the request, and of the file. */
  readonly options: JobPredictOptions;
}

/** What a job of type `predict-part` is given: rows [start, end) of its parent's artifact `rows`. */
export interface PredictPartRequest {
  readonly model: ModelIdentity;
  readonly options: JobPredictOptions;
  readonly part: number;
  readonly start: number;
  readonly end: number;
}

/** What a part says of its file. */
export interface PredictPartValue {
  readonly shape: PredictionShape;
  readonly atRounding: { readonly count: number; readonly first: readonly number[] };
}

/** Names of artifacts, below the job's prefix. */
export const ARTIFACTS = { input: 'input', rows: 'rows', plan: 'plan.json' } as const;

export const BINARY = 'application/octet-stream';
