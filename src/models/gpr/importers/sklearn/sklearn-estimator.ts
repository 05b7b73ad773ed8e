import { ModelFileError } from '../../../model-errors.js';
import { NdArray } from '../pickle/numpy-array.js';
import { listOf } from '../pickle/pickle-access.js';
import { describe, PickleInstance, PickleTuple, type PickleValue } from '../pickle/pickle-values.js';
import { type Affine, compose } from './affine.js';
import { readScaler } from './sklearn-scaler.js';

/** A Gaussian process regressor, and what stands around it. */
export interface FoundRegressor {
  readonly regressor: PickleInstance;
  /** What happens to the inputs before the regressor sees them. */
  readonly inputs?: Affine | undefined;
  /** What was done to the outputs before the regressor learned from them. */
  readonly outputs?: Affine | undefined;
  /** Names of the inputs, where the model was trained on a table that has some. */
  readonly inputNames?: readonly string[] | undefined;
  /** The version of scikit-learn that wrote the file. */
  readonly version?: string | undefined;
}

/** Searches in searches in pipelines: nobody nests them deeper, and a hostile file may nest them without end. */
const MAX_DEPTH = 16;
const MAX_STEPS = 100;
const MAX_NAMES = 10_000;

/** Why an estimator that the table knows cannot be served. */
const REFUSED: ReadonlyMap<string, string> = new Map([
  ['GaussianProcessClassifier', 'a classifier: its outputs are probabilities of a class'],
  ['GaussianProcess', 'the Gaussian process of scikit-learn before 0.18: fit a GaussianProcessRegressor'],
  ['MultiOutputRegressor', 'several models in one: save one file for each of its estimators_'],
  ['RegressorChain', 'several models in one'],
  ['BaggingRegressor', 'several models in one, whose predictions are averaged'],
  ['VotingRegressor', 'several models in one, whose predictions are averaged'],
  ['StackingRegressor', 'several models in one'],
]);

/**
 * Finds the GaussianProcessRegressor in what the file holds: it alone, at the end of a Pipeline, inside a
 * TransformedTargetRegressor, or the best of a GridSearchCV. Throws ModelFileError for everything else.
 */
export function findRegressor(root: PickleValue): FoundRegressor {
  let estimator: PickleValue | undefined = root;
  let inputs: Affine | undefined;
  let outputs: Affine | undefined;
  let inputNames: readonly string[] | undefined;
  let version: string | undefined;
  for (let depth = 0; depth < MAX_DEPTH; depth += 1) {
    if (!(estimator instanceof PickleInstance)) {
      throw new ModelFileError(`The file holds ${describe(estimator)}, expected a GaussianProcessRegressor.`);
    }
    version ??= versionOf(estimator);
    inputNames ??= namesOf(estimator);
    switch (estimator.class_.name) {
      case 'GaussianProcessRegressor':
        return { regressor: estimator, inputs, outputs, inputNames, version };
      case 'Pipeline': {
        const steps = stepsOf(estimator);
        const before = steps.slice(0, -1);
        inputNames ??= namesOf(before[0]);
        for (const step of before) inputs = compose(inputs, readScaler(step));
        estimator = steps.at(-1);
        break;
      }
      case 'TransformedTargetRegressor':
        // What was done to the outputs last is what the regressor inside sees.
        outputs = compose(outputs, readScaler(estimator.attribute('transformer_')));
        estimator = fitted(estimator, 'regressor_');
        break;
      case 'GridSearchCV':
      case 'RandomizedSearchCV':
      case 'HalvingGridSearchCV':
      case 'HalvingRandomSearchCV':
        estimator = fitted(estimator, 'best_estimator_');
        break;
      default:
        throw notSupported(estimator.class_.name);
    }
  }
  throw new ModelFileError(`The estimators are nested more than ${MAX_DEPTH} deep.`);
}

function notSupported(className: string): ModelFileError {
  const why = REFUSED.get(className);
  return new ModelFileError(
    `${className} is not supported${why === undefined ? '' : ` (it is ${why})`}: only a GaussianProcessRegressor is, also in a Pipeline, a TransformedTargetRegressor or a GridSearchCV.`,
  );
}

function stepsOf(pipeline: PickleInstance): readonly PickleValue[] {
  const steps = listOf(pipeline.attribute('steps'), 'Pipeline.steps');
  if (steps.length === 0 || steps.length > MAX_STEPS) {
    throw new ModelFileError(`The Pipeline has ${steps.length} steps, expected 1 to ${MAX_STEPS}.`);
  }
  return steps.map((step) => {
    const pair = step instanceof PickleTuple || Array.isArray(step) ? listOf(step, 'a step') : [];
    if (pair.length === 2) return pair[1]!;
    throw new ModelFileError(
      `A step of the Pipeline is ${describe(step)}, expected a name and an estimator.`,
    );
  });
}

function fitted(estimator: PickleInstance, name: string): PickleValue {
  const value = estimator.attribute(name);
  if (value !== undefined && value !== null) return value;
  throw new ModelFileError(
    `The ${estimator.class_.name} has no ${name}: it was not fitted, or with refit=False.`,
  );
}

function versionOf(estimator: PickleInstance): string | undefined {
  const version = estimator.attribute('_sklearn_version');
  return typeof version === 'string' && /^[\w.+-]{1,40}$/.test(version) ? version : undefined;
}

/** Unique names, else none: two inputs of one name could not be told apart. */
function namesOf(estimator: PickleValue | undefined): readonly string[] | undefined {
  const value = estimator instanceof PickleInstance ? estimator.attribute('feature_names_in_') : undefined;
  const names = value instanceof NdArray && value.dtype.kind === 'O' ? value.objects : undefined;
  if (!names || names.length === 0 || names.length > MAX_NAMES) return undefined;
  const texts = names.filter((name): name is string => typeof name === 'string' && name.trim() !== '');
  return new Set(texts).size === names.length ? texts : undefined;
}
