import { type GlobalTable, keepArguments, namesOf } from '../pickle/global-table.js';

const KERNELS =
  'Sum Product Exponentiation ConstantKernel WhiteKernel RBF Matern RationalQuadratic ExpSineSquared DotProduct PairwiseKernel CompoundKernel Hyperparameter';
const SCALERS = 'StandardScaler MinMaxScaler MaxAbsScaler RobustScaler';
const OTHER_TRANSFORMERS =
  'Normalizer Binarizer PolynomialFeatures QuantileTransformer PowerTransformer KernelCenterer';
const SEARCHES = 'GridSearchCV RandomizedSearchCV';

/**
 * The classes that files of scikit-learn 0.18 and later name, by module: what can be read, and what people put beside it
 * and is refused by name. Modules lost or won an underscore with version 0.22.
 */
const CLASSES: readonly (readonly [module: string, names: string])[] = [
  ['sklearn.gaussian_process.gpr', 'GaussianProcessRegressor'],
  ['sklearn.gaussian_process._gpr', 'GaussianProcessRegressor'],
  ...['gpc', '_gpc'].map(
    (name) =>
      [
        `sklearn.gaussian_process.${name}`,
        'GaussianProcessClassifier _BinaryGaussianProcessClassifierLaplace',
      ] as const,
  ),
  ['sklearn.gaussian_process.gaussian_process', 'GaussianProcess'],
  ['sklearn.gaussian_process.kernels', KERNELS],
  ['sklearn.pipeline', 'Pipeline FeatureUnion'],
  ['sklearn.preprocessing.data', `${SCALERS} ${OTHER_TRANSFORMERS}`],
  ['sklearn.preprocessing._data', `${SCALERS} ${OTHER_TRANSFORMERS}`],
  ['sklearn.preprocessing._polynomial', 'PolynomialFeatures SplineTransformer'],
  ['sklearn.preprocessing._function_transformer', 'FunctionTransformer'],
  ['sklearn.preprocessing._encoders', 'OneHotEncoder OrdinalEncoder'],
  ['sklearn.preprocessing._discretization', 'KBinsDiscretizer'],
  ['sklearn.compose._column_transformer', 'ColumnTransformer _RemainderColsList'],
  ['sklearn.compose._target', 'TransformedTargetRegressor'],
  ['sklearn.impute._base', 'SimpleImputer'],
  ['sklearn.decomposition.pca', 'PCA'],
  ['sklearn.decomposition._pca', 'PCA'],
  ['sklearn.feature_selection._variance_threshold', 'VarianceThreshold'],
  ['sklearn.feature_selection._univariate_selection', 'SelectKBest'],
  ['sklearn.multioutput', 'MultiOutputRegressor RegressorChain'],
  ...['_bagging', '_voting', '_stacking'].map(
    (name) => [`sklearn.ensemble.${name}`, 'BaggingRegressor VotingRegressor StackingRegressor'] as const,
  ),
  ['sklearn.model_selection._search', SEARCHES],
  ['sklearn.model_selection._search_successive_halving', 'HalvingGridSearchCV HalvingRandomSearchCV'],
  ['sklearn.model_selection._split', 'KFold ShuffleSplit RepeatedKFold LeaveOneOut TimeSeriesSplit'],
  ['sklearn.metrics.scorer', '_PredictScorer'],
  ['sklearn.metrics._scorer', '_PredictScorer _Scorer _PassthroughScorer _MultimetricScorer'],
  ['sklearn.utils', 'Bunch'],
  ['sklearn.utils._bunch', 'Bunch'],
  ['sklearn.utils._metadata_requests', 'MetadataRequest MethodMetadataRequest'],
  ['sklearn.utils.deprecation', 'DeprecationDict'],
  ['numpy.ma.core', 'MaskedArray'],
  ['numpy.ma', 'MaskedArray'],
  ['numpy', 'memmap'],
  ['numpy.core.memmap', 'memmap'],
  ['numpy._core.memmap', 'memmap'],
];

const SCORES =
  'r2_score mean_squared_error mean_absolute_error median_absolute_error explained_variance_score max_error root_mean_squared_error';

/** What pickles of Gaussian processes made with scikit-learn name, besides Python's and numpy's own. */
export const SKLEARN_GLOBALS: GlobalTable = {
  classes: new Set(CLASSES.flatMap(([module, names]) => namesOf(module, names))),
  // Tables of a search's results: kept as they are, nobody reads them.
  functions: new Map([['numpy.ma.core _mareconstruct', keepArguments]]),
  references: new Set([
    ...namesOf('sklearn.metrics.regression', SCORES),
    ...namesOf('sklearn.metrics._regression', SCORES),
    'numpy.ma.core MaskedConstant',
  ]),
};

/** Whether a class of the table belongs to scikit-learn. */
export function isSklearn(module: string): boolean {
  return module.startsWith('sklearn.');
}
