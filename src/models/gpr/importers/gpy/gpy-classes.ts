import { ModelFileError } from '../../../model-errors.js';

/** Models whose posterior is that of a GP with Gaussian noise, exact or over inducing points. */
const EXACT = ['GP', 'GPRegression', 'GPHeteroscedasticRegression', 'GPCoregionalizedRegression'];
const SPARSE = ['SparseGP', 'SparseGPRegression', 'SparseGPCoregionalizedRegression'];

/** Why a model of another class cannot be served. */
const REFUSED: ReadonlyMap<string, string> = new Map([
  ['TPRegression', 'a Student-t process, whose predictions are not Gaussian'],
  ['GPClassification', 'a classifier: its outputs are probabilities of a class'],
  ['SparseGPClassification', 'a classifier: its outputs are probabilities of a class'],
  ['SparseGPClassificationUncertainInput', 'a classifier: its outputs are probabilities of a class'],
  ['OneVsAllClassification', 'a classifier: its outputs are probabilities of a class'],
  ['OneVsAllSparseClassification', 'a classifier: its outputs are probabilities of a class'],
  ['WarpedGP', 'a warped GP, whose predictions are not Gaussian'],
  ['InputWarpedGP', 'a GP with warped inputs'],
  ['GPLVM', 'a latent variable model: its inputs are not observed'],
  ['BCGPLVM', 'a latent variable model: its inputs are not observed'],
  ['SparseGPLVM', 'a latent variable model: its inputs are not observed'],
  ['BayesianGPLVM', 'a latent variable model: its inputs are not observed'],
  ['SparseGPMiniBatch', 'a model with missing data or mini-batches, with a posterior an output'],
]);

/** Whether a GPy model class is exact or sparse. Throws ModelFileError for one that cannot be served. */
export function gpyModelKind(className: string): 'exact' | 'sparse' {
  if (EXACT.includes(className)) return 'exact';
  if (SPARSE.includes(className)) return 'sparse';
  const why = REFUSED.get(className);
  throw new ModelFileError(
    `The GPy class ${className} is not supported${why === undefined ? '' : ` (it is ${why})`}, only ${[...EXACT, ...SPARSE].join(', ')}.`,
  );
}

/** Throws ModelFileError unless the likelihood is Gaussian in one of its forms, with the identity link. */
export function requireGaussianLikelihood(className: string, link: string | undefined): void {
  if (!['Gaussian', 'HeteroscedasticGaussian', 'MixedNoise'].includes(className)) {
    throw new ModelFileError(
      `The likelihood ${className} is not supported: only Gaussian noise (Gaussian, HeteroscedasticGaussian, MixedNoise of Gaussians) is.`,
    );
  }
  if (link !== undefined && link !== 'Identity') {
    throw new ModelFileError(`The link function ${link} is not supported, only Identity.`);
  }
}
