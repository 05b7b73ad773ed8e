"""Trained Gaussian processes of scikit-learn, as files, and what scikit-learn predicts with each.

    python generate.py            writes the cases that the installed version of scikit-learn is listed for below

Run it once with each of the versions in VERSIONS (`pip install scikit-learn==... lz4`, and pandas for the newest but
one). Every file is accompanied by `<name>.expected.json`: mean, variance (return_std squared), covariance (return_cov)
and the variance without the WhiteKernel, all as scikit-learn computes them; gradients are central differences of its
predictions. The tolerance grows with the condition number of the training covariance: what rounding alone can do.

Runs on Python 3.6 and later, and on 2.7 (scikit-learn 0.19).
"""
import bz2
import gzip
import json
import os
import pickle
import sys
import warnings
import zlib

import numpy as np
import sklearn
from sklearn.gaussian_process import GaussianProcessRegressor as GPR
from sklearn.gaussian_process.kernels import (
    RBF, ConstantKernel as C, DotProduct, ExpSineSquared, Exponentiation, Matern, PairwiseKernel, RationalQuadratic,
    WhiteKernel as White)
from sklearn.model_selection import GridSearchCV, KFold, RandomizedSearchCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer, MaxAbsScaler, MinMaxScaler, RobustScaler, StandardScaler)

try:
    import lzma
except ImportError:
    lzma = None  # Python 2
try:
    import joblib
except ImportError:
    from sklearn.externals import joblib
try:
    from sklearn.compose import TransformedTargetRegressor as TTR
except ImportError:
    TTR = None

warnings.simplefilter('ignore')
HERE = os.path.dirname(os.path.abspath(__file__))
VERSION = '.'.join(sklearn.__version__.split('.')[:2])
FULL = '1.7'
VERSIONS = ('0.18', '0.19', '0.20', '0.22', '0.23', '0.24', '1.0', '1.2', '1.4', '1.5', '1.7', '1.9')


def data(name, n, d, p, positive=False):
    rng = np.random.RandomState(zlib.crc32(name.encode()) & 0x7FFFFFFF)
    X = rng.uniform(0.1 if positive else -2, 3, (n, d))
    x_test = np.vstack([rng.uniform(0.1 if positive else -2.5, 3.5, (4, d)), X[:1]])
    Y = np.stack([np.sin(1.3 * X[:, 0] + k) + 0.4 * X.sum(1) + 3 * (k + 1) for k in range(p)], 1)
    Y = Y + 0.05 * rng.standard_normal(Y.shape)
    return X, (Y[:, 0] if p == 1 else Y), x_test


# --- What scikit-learn predicts ---


def take_apart(model, x):
    """The regressor in a pipeline, the points as it sees them, and the map of its outputs to the model's."""
    scale, offset = 1.0, 0.0
    while not isinstance(model, GPR):
        if isinstance(model, Pipeline):
            for _, step in model.steps[:-1]:
                x = x if step is None or step == 'passthrough' else step.transform(x)
            model = model.steps[-1][1]
        elif TTR is not None and isinstance(model, TTR):
            inverse = model.transformer_.inverse_transform
            zero, one = (inverse(np.full((1, 1), value))[0, 0] for value in (0.0, 1.0))
            scale, offset = scale * (one - zero), offset + scale * zero
            model = model.regressor_
        else:
            model = model.best_estimator_
    return model, np.asarray(x, dtype=float), scale, offset


def columns(values, points):
    return np.asarray(values, dtype=float).reshape(points, -1)


def answers(model, x):
    m = len(x)
    gpr, z, scale, offset = take_apart(model, x)
    mean, std = gpr.predict(z, return_std=True)
    _, cov = gpr.predict(z, return_cov=True)
    mean, var = columns(mean, m) * scale + offset, columns(std, m) ** 2 * scale ** 2
    p = mean.shape[1]
    white = gpr.kernel_.diag(z) - np.diag(gpr.kernel_(z, z))
    white[white < 1e-7] = 0
    std_of_y = np.broadcast_to(np.ravel(getattr(gpr, '_y_train_std', 1.0)), (p,)) * scale
    var = np.broadcast_to(var, (m, p))
    cov = np.asarray(cov, dtype=float).reshape(m, m, -1) * scale ** 2
    cov = np.broadcast_to(cov, (m, m, p))
    return mean, var, var - white[:, None] * std_of_y[None, :] ** 2, cov


def gradients(model, x):
    """Five-point differences of mean and variance without noise, point by point; N x p x d."""
    h = 1e-3
    parts = []
    for q in range(x.shape[1]):
        step = np.zeros(x.shape[1])
        step[q] = h
        at = [answers(model, x + k * step) for k in (-2, -1, 1, 2)]
        parts.append([(at[0][i] - 8 * at[1][i] + 8 * at[2][i] - at[3][i]) / (12 * h) for i in (0, 2)])
    return np.stack([part[0] for part in parts], -1), np.stack([part[1] for part in parts], -1)


def expected(name, model, x, names, smooth):
    mean, var, latent, cov = answers(model, x)
    gpr, z, scale, _ = take_apart(model, x)
    K = gpr.kernel_(gpr.X_train_)
    K[np.diag_indices_from(K)] += gpr.alpha
    cond = float(np.linalg.cond(K))
    prior = float(np.max(gpr.kernel_.diag(z)) * np.max(np.ravel(getattr(gpr, '_y_train_std', 1.0)) ** 2) * scale ** 2)
    # With 32-bit inputs, scikit-learn divides them by lengthscales in 32 bits.
    noise = 4e-16 * cond + (2e-7 if gpr.X_train_.dtype == np.float32 else 0)
    result = {
        'name': name,
        'sklearn': sklearn.__version__, 'joblib': joblib.__version__, 'numpy': np.__version__,
        'condition': cond,
        'inputs': names or ['x%d' % (q + 1) for q in range(x.shape[1])],
        'X_test': x.tolist(), 'mean': mean.tolist(), 'variance': var.tolist(), 'latent': latent.tolist(),
        'covariance': np.moveaxis(cov, -1, 0).tolist(),
        'tolerance': {
            'mean': {'absolute': (1e-11 + noise) * max(1.0, float(np.abs(mean).max())), 'relative': 1e-9},
            'variance': {'absolute': (1e-13 + noise) * prior, 'relative': 1e-9},
        },
    }
    if smooth:
        # Not at the last point, which is a training point: rough kernels have a kink there.
        mean_gradient, latent_gradient = gradients(model, x[:-1])
        result.update(mean_gradient=mean_gradient.tolist(), latent_gradient=latent_gradient.tolist())
        worst = (1e-8 + 1e3 * noise)
        result['tolerance']['gradient'] = {
            'absolute': worst * max(1.0, float(np.abs(mean).max()), prior), 'relative': 1e-6}
    return result


# --- How files are written ---


def write_pickle(protocol):
    def write(model, path):
        with open(path, 'wb') as file:
            pickle.dump(model, file, protocol)
    return write


def write_compressed(opener):
    def write(model, path):
        with opener(path, 'wb') as file:
            pickle.dump(model, file, min(4, pickle.HIGHEST_PROTOCOL))
    return write


def write_joblib(compress=0):
    return lambda model, path: joblib.dump(model, path, compress=compress)


def write_mapped(model, path):
    """The arrays of a model that was itself loaded with mmap_mode."""
    joblib.dump(model, path)
    mapped = joblib.load(path, mmap_mode='r')
    joblib.dump(mapped, path + '.tmp')
    del mapped
    os.replace(path + '.tmp', path)


WRITERS = {
    'pkl': write_pickle(min(4, pickle.HIGHEST_PROTOCOL)),
    'protocol-0.pkl': write_pickle(0), 'protocol-1.pkl': write_pickle(1), 'protocol-2.pkl': write_pickle(2),
    'protocol-3.pkl': write_pickle(3), 'protocol-5.pkl': write_pickle(5),
    'gz.pkl.gz': write_compressed(gzip.open), 'bz2.pkl.bz2': write_compressed(bz2.BZ2File),
    'xz.pkl.xz': write_compressed(lzma and lzma.open),
    'joblib': write_joblib(), 'zlib.joblib': write_joblib(3), 'zlib-9.joblib.z': write_joblib(('zlib', 9)),
    'gzip.joblib.gz': write_joblib(('gzip', 3)), 'gzip-named.joblib': write_joblib(('gzip', 3)),
    'bz2.joblib.bz2': write_joblib(('bz2', 3)), 'xz.joblib.xz': write_joblib(('xz', 3)),
    'lzma.joblib.lzma': write_joblib(('lzma', 3)), 'lz4.joblib.lz4': write_joblib(('lz4', 3)),
    'mapped.joblib': write_mapped,
}


def fitted(kernel, **options):
    options.setdefault('optimizer', None)
    return GPR(kernel=kernel, **options)


class Case:
    def __init__(self, name, model, writer='pkl', n=12, d=2, p=1, positive=False, smooth=True, change=None, names=None,
                 beside=False, dtype=float):
        self.__dict__.update(locals())

    def write(self):
        np.random.seed(0)  # Models keep the global generator.
        X, y, x_test = data(self.name, self.n, self.d, self.p, self.positive)
        if self.beside:
            x_test[-1] += 0.01
        X = X.astype(self.dtype)
        with_names = X
        if self.names:
            import pandas
            with_names = pandas.DataFrame(X, columns=self.names)
        model = self.model.fit(with_names, y)
        full = 'sklearn-%s-%s' % (VERSION, self.name)
        result = expected(full, model, x_test, self.names, self.smooth)
        if self.change:
            self.change(model)
        path = os.path.join(HERE, full + ('.' if self.writer in ('pkl', 'joblib') else '-') + self.writer)
        WRITERS[self.writer](model, path)
        result['file'] = os.path.basename(path)
        with open(os.path.join(HERE, full + '.expected.json'), 'w') as file:
            json.dump(result, file)
            file.write('\n')


NOISY = lambda: C(2.0) * RBF(1.3) + White(0.01)


def every_version():
    """What most people save, in the ways they do."""
    yield Case('trained', GPR(C(1.0) * RBF(1.0) + White(0.1), normalize_y=True), smooth=False)
    yield Case('joblib', fitted(C(2.0) * RBF([0.8, 1.7]) + White(0.02)), 'joblib')
    yield Case('pipeline', make_pipeline(StandardScaler(), fitted(Matern(1.2, nu=2.5) + White(0.02))), 'zlib.joblib')
    yield Case('outputs', fitted(C(1.5) * RationalQuadratic(1.1, 0.7), alpha=0.01), 'protocol-2.pkl', p=2)


def kernels():
    for nu in (0.3, 0.5, 0.7, 1.0, 1.2, 1.5, 2.5, 3.5, 4.25, 11.0, np.inf):
        # scikit-learn takes a distance of 0 for one of 2.2e-16, which a rough process can see.
        yield Case('matern-%s' % nu, fitted(C(1.7) * Matern(1.4, nu=nu), alpha=1e-3), smooth=nu > 1.4, beside=nu < 0.5)
    yield Case('matern-ard-0.8', fitted(Matern([0.9, 2.3], nu=0.8) + White(0.01)), smooth=False)
    yield Case('rbf-noise-free', fitted(RBF(0.7)), d=3)
    yield Case('rbf-ard', fitted(C(3.0) * RBF([0.6, 1.5, 3.0]) + White(0.05)), d=3)
    yield Case('default-kernel', GPR(alpha=1e-4))
    yield Case('rational-quadratic', fitted(C(0.5) * RationalQuadratic(0.9, 2.3) + White(0.01)))
    yield Case('periodic', fitted(ExpSineSquared(1.1, 2.2) + White(0.01)), d=1)
    yield Case('periodic-2d', fitted(C(2.0) * ExpSineSquared(1.4, 9.2), alpha=1.0))
    yield Case('locally-periodic', fitted(C(2.0) * RBF(3.0) * ExpSineSquared(1.4, 2.2) + White(0.01)), d=1)
    yield Case('dot-product', fitted(DotProduct(1.4) + White(0.1)))
    yield Case('dot-product-0', fitted(DotProduct(0.0) + White(0.1)))
    yield Case('dot-product-cubed', fitted(C(0.1) * DotProduct(0.8) ** 3 + White(0.1)))
    yield Case('exponentiation', fitted(Exponentiation(C(1.2) * RBF(1.1), 1.5) + White(0.01)))
    yield Case('noise-in-a-product', fitted(C(2.0) * (RBF(1.2) + White(0.02))))
    yield Case('noise-in-a-power', fitted((RBF(1.2) + White(0.02)) ** 2))
    yield Case('noise-times-rbf', fitted(C(2.0) * RBF(1.0) + RBF(2.0) * White(0.05)))
    yield Case('two-noises', fitted(RBF(1.2) + White(0.02) + C(0.5) * Matern(2.0, nu=1.5) + White(0.03)))
    yield Case('sums-and-products', fitted(
        (C(0.4) + RBF([1.0, 2.0])) * (C(0.3) * DotProduct(0.5) + Matern(1.5, nu=1.5)) + 0.7 * RBF(3.0) + White(0.02)))
    for metric, kernel in (
            ('linear', lambda k: k), ('rbf', lambda k: k), ('laplacian', lambda k: k), ('cosine', lambda k: k),
            ('chi2', lambda k: k), ('poly', lambda k: C(0.1) * k), ('additive_chi2', lambda k: C(60.0) + k)):
        yield Case('pairwise-' + metric, fitted(kernel(PairwiseKernel(0.6, metric=metric)) + White(0.1)), positive=True)
    yield Case('pairwise-polynomial-settings', fitted(C(0.01) * PairwiseKernel(
        0.4, metric='polynomial', pairwise_kernels_kwargs={'degree': 2, 'coef0': 0.5}) + White(0.1)))
    # tanh is no covariance function, but the noise makes up for it.
    yield Case('pairwise-sigmoid', fitted(PairwiseKernel(0.05, metric='sigmoid') + White(1.5)))


def options():
    yield Case('normalised', fitted(NOISY(), normalize_y=True))
    yield Case('normalised-outputs', fitted(NOISY(), normalize_y=True), p=3)
    yield Case('alpha-a-point', fitted(C(2.0) * RBF(1.3), alpha=np.linspace(0.01, 0.3, 12)))
    yield Case('column-of-outputs', fitted(NOISY()), change=None, p=1, writer='joblib')
    yield Case('copy-false', fitted(NOISY(), copy_X_train=False, random_state=np.random.RandomState(3)))
    yield Case('trained-restarts', GPR(NOISY(), n_restarts_optimizer=2, random_state=1), smooth=False)
    yield Case('integers', fitted(C(2.0) * RBF(1.3) + White(0.1)), dtype=int)
    yield Case('short-inputs', fitted(NOISY()), dtype=np.float32, smooth=False)
    yield Case('one-input', fitted(NOISY()), d=1)
    yield Case('big-endian', fitted(NOISY()), 'joblib', change=big_endian)
    yield Case('fortran', fitted(NOISY()), 'joblib', change=fortran)
    yield Case('without-factor', fitted(NOISY()), change=lambda model: model.__dict__.pop('L_') is None)
    yield Case('more-points', fitted(NOISY(), normalize_y=True), 'xz.joblib.xz', n=60, smooth=False)
    yield Case('more-points-lz4', fitted(NOISY(), normalize_y=True), 'lz4.joblib.lz4', n=60, smooth=False)


def big_endian(model):
    for name in ('X_train_', 'alpha_', 'y_train_'):
        setattr(model, name, getattr(model, name).astype('>f8'))


def fortran(model):
    model.X_train_ = np.asfortranarray(model.X_train_)


def around():
    """What stands around the regressor."""
    gpr = lambda: fitted(NOISY())
    for name, scaler in (
            ('standard', StandardScaler()), ('only-mean', StandardScaler(with_std=False)),
            ('only-std', StandardScaler(with_mean=False)), ('neither', StandardScaler(with_mean=False, with_std=False)),
            ('minmax', MinMaxScaler((-1, 2))), ('maxabs', MaxAbsScaler()), ('robust', RobustScaler()),
            ('robust-scale', RobustScaler(with_centering=False)), ('passthrough', 'passthrough'),
            ('identity', FunctionTransformer(validate=True))):
        yield Case('scaler-' + name, Pipeline([('scale', scaler), ('gp', gpr())]))
    yield Case('two-scalers', make_pipeline(MinMaxScaler(), StandardScaler(), gpr()), 'zlib-9.joblib.z')
    yield Case('only-a-pipeline', make_pipeline(fitted(NOISY(), normalize_y=True)))
    yield Case('target-standard', TTR(gpr(), transformer=StandardScaler()))
    yield Case('target-minmax-in-pipeline', make_pipeline(
        StandardScaler(), TTR(fitted(NOISY(), normalize_y=True), transformer=MinMaxScaler())), 'joblib')
    yield Case('target-around-pipeline', TTR(make_pipeline(RobustScaler(), gpr()), transformer=RobustScaler()))
    yield Case('target-untransformed', TTR(gpr()))
    yield Case('grid-search', GridSearchCV(gpr(), {'alpha': [1e-3, 1e-2]}, cv=KFold(3)))
    yield Case('grid-search-pipeline', GridSearchCV(
        make_pipeline(StandardScaler(), gpr()), {'gaussianprocessregressor__alpha': [1e-3, 1e-2]},
        cv=3, scoring='neg_mean_squared_error'), 'joblib')
    yield Case('random-search', RandomizedSearchCV(gpr(), {'alpha': [1e-3, 1e-2]}, n_iter=2, cv=3, random_state=0))
    for name, model, writer in (
            ('names', gpr(), 'pkl'), ('names-joblib', gpr(), 'joblib'),
            ('names-pipeline', make_pipeline(StandardScaler(), gpr()), 'zlib.joblib'),
            ('names-grid', GridSearchCV(make_pipeline(StandardScaler(), gpr()), {}, cv=3), 'joblib')):
        yield Case(name, model, writer, names=['temperature', 'load [kN]'])


def containers():
    """The same model in every way to write it."""
    for writer in sorted(WRITERS):
        kind = writer.replace('.', '-')
        yield Case('written-' + kind, make_pipeline(StandardScaler(), fitted(NOISY(), normalize_y=True)), writer, n=8)


def main():
    if VERSION not in VERSIONS:
        sys.exit('scikit-learn %s is not among %s' % (VERSION, ', '.join(VERSIONS)))
    cases = list(every_version())
    if VERSION == FULL:
        for more in (kernels, options, around, containers):
            cases.extend(more())
    for case in cases:
        case.write()
    print(VERSION, len(cases))


main()
