"""Files of scikit-learn that are models, but none that can be served rightly, with words that the refusal has to name.

Needs scikit-learn 1.7 (pip install scikit-learn==1.7.2).
"""
import gzip
import json
import os
import pickle

import joblib
import numpy as np
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.decomposition import PCA
from sklearn.ensemble import BaggingRegressor
from sklearn.gaussian_process import GaussianProcessClassifier, GaussianProcessRegressor as GPR
from sklearn.gaussian_process.kernels import RBF, CompoundKernel, PairwiseKernel, WhiteKernel
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import GridSearchCV
from sklearn.multioutput import MultiOutputRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer, MaxAbsScaler, MinMaxScaler, PolynomialFeatures, PowerTransformer, QuantileTransformer,
    StandardScaler)

HERE = os.path.dirname(os.path.abspath(__file__))
rng = np.random.RandomState(5)
X = rng.uniform(0, 3, (12, 2))
y = np.sin(X[:, 0]) + X[:, 1]
gpr = lambda **options: GPR(RBF() + WhiteKernel(0.1), optimizer=None, **options)
cases = []


def case(file, why, names, model, dump=pickle.dump):
    with open(os.path.join(HERE, file), 'wb') as handle:
        dump(model, handle)
    cases.append({'file': file, 'why': why, 'names': names})


def with_kernel(kernel):
    model = gpr().fit(X, y)
    model.kernel_ = kernel
    return model


def changed(**attributes):
    model = gpr().fit(X, y)
    model.__dict__.update(attributes)
    return model


case('not-trained.pkl', 'fit() was not called', ['not trained'], gpr())
case('not-trained-pipeline.joblib', 'fit() was not called', ['not fitted'], make_pipeline(StandardScaler(), gpr()), joblib.dump)
case('classifier.pkl', 'a classifier', ['classifier'], GaussianProcessClassifier().fit(X, y > 1.5))
case('linear.pkl', 'no Gaussian process', ['sklearn.linear_model._base.LinearRegression'], LinearRegression().fit(X, y))
case('compound.pkl', 'a kernel of classifiers', ['CompoundKernel'], with_kernel(CompoundKernel([RBF(), RBF()])))
case('metric.pkl', 'a metric that there is not', ['metric'], with_kernel(PairwiseKernel(metric='precomputed')))
case('metric-function.pkl', 'a metric that is code', ['numpy.dot', 'numpy.core', 'multiarray'],
     with_kernel(PairwiseKernel(metric=np.dot)))
case('infinite-lengthscale.pkl', 'a lengthscale without end', ['length'], with_kernel(RBF(float('inf'))))
case('wrong-lengthscales.pkl', 'three lengthscales for two inputs', ['3 values'], with_kernel(RBF([1.0, 2.0, 3.0])))
case('function-transformer.pkl', 'a step that is code', ['numpy.log1p', 'FunctionTransformer'],
     make_pipeline(FunctionTransformer(np.log1p), gpr()).fit(X, y))
case('column-transformer.pkl', 'a step that is not affine', ['ColumnTransformer'],
     make_pipeline(ColumnTransformer([('a', StandardScaler(), [0])], remainder='passthrough'), gpr()).fit(X, y))
case('pca.joblib', 'a step that mixes the inputs', ['PCA'], make_pipeline(PCA(), gpr()).fit(X, y), joblib.dump)
case('polynomial.pkl', 'a step that makes more inputs', ['PolynomialFeatures'],
     make_pipeline(PolynomialFeatures(), gpr()).fit(X, y))
case('power-transformer.pkl', 'a step that is not affine', ['PowerTransformer'],
     make_pipeline(PowerTransformer(), gpr()).fit(X, y))
case('clipping.pkl', 'a step that is not affine', ['clip'], make_pipeline(MinMaxScaler(clip=True), gpr()).fit(X, y))
case('target-quantiles.pkl', 'an output that is not affine', ['QuantileTransformer'],
     TransformedTargetRegressor(gpr(), transformer=QuantileTransformer(n_quantiles=5)).fit(X, y))
case('search-without-refit.pkl', 'no best estimator', ['refit'],
     GridSearchCV(gpr(), {'alpha': [0.1, 0.2]}, refit=False, cv=3).fit(X, y))
case('multi-output.pkl', 'several models', ['MultiOutputRegressor'],
     MultiOutputRegressor(gpr()).fit(X, np.stack([y, 2 * y], 1)))
case('bagging.pkl', 'several models', ['BaggingRegressor'], BaggingRegressor(gpr(), 2, random_state=0).fit(X, y))
case('dictionary.joblib', 'a model and more', ['a dict'], {'model': gpr().fit(X, y), 'scaler': 1}, joblib.dump)
case('scaler-alone.pkl', 'no Gaussian process', ['StandardScaler'], StandardScaler().fit(X))
case('kernel-alone.pkl', 'no Gaussian process', ['RBF'], RBF())
case('not-a-number.pkl', 'NaN in the factor', ['L_ holds NaN'], changed(L_=np.full((12, 12), np.nan)))
case('wrong-factor.joblib', 'a factor of another size', ['expected 12 x 12'], changed(L_=np.eye(3)), joblib.dump)
case('objects.joblib', 'an array of objects', ['holds no 64-bit floats'], changed(X_train_=X.astype(object)), joblib.dump)
case('complex.joblib', 'complex numbers', ['holds no 64-bit floats'], changed(alpha_=y + 1j), joblib.dump)
case('negative-alpha.pkl', 'a negative noise', ['alpha'], changed(alpha=-1.0))
case('zero-scale.pkl', 'a scaler that divides by zero', ['scale_'],
     (lambda m: (m.steps[0][1].__dict__.update(scale_=np.zeros(2)), m)[1])(make_pipeline(MaxAbsScaler(), gpr()).fit(X, y)))
case('cut-off.pkl.gz', 'a file that was not copied whole', ['damaged'], gpr().fit(X, y),
     lambda model, file: file.write(gzip.compress(pickle.dumps(model))[:500]))
with open(os.path.join(HERE, 'cases.json'), 'w') as file:
    json.dump({'cases': cases}, file, indent=2)
    file.write('\n')
