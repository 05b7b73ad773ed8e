"""Golden files as older versions of GPy, NumPy and Python write them.

    pip install -r requirements-<version of GPy>.txt
    OPENBLAS_NUM_THREADS=1 python generate_legacy.py

Names begin with the version of GPy that runs it. The expected numbers are that version's own:
before 1.0 some kernels had other formulas under the same names.
Runs on Python 2.7 and on Python 3.
"""

from __future__ import division, print_function

import os
import pickle
import sys
import warnings

import GPy
import numpy as np

import oracle

HERE = os.path.dirname(os.path.abspath(__file__))
VERSION = tuple(int(part) for part in GPy.__version__.split(".")[:2])
CASES = []
TRAINING = 5  # index of the training point among the test points


def case(name, description, protocol=2, since=(0, 0), until=(1, 10), **options):
    """Registers a model for the versions since <= version < until."""

    def register(build):
        if since <= VERSION < until:
            full = "gpy-%s-%s" % (GPy.__version__, name)
            CASES.append(dict(name=full, description=description, protocol=protocol, build=build, **options))
        return build

    return register


def inputs(n, d):
    return np.random.uniform(-1, 2, size=(n, d))


def outputs(X, p=1):
    columns = [np.sin(2 * X[:, 0] + q) + 0.4 * (q + 1) * np.cos(3 * X.sum(1)) + 0.3 * q for q in range(p)]
    return np.stack(columns, 1) + 0.05 * np.random.normal(size=(len(X), p))


def regression(kernel, d=2, n=18, p=1, noise=0.02, **options):
    X = inputs(n, d)
    return GPy.models.GPRegression(X, outputs(X, p), kernel, noise_var=noise, **options)


def test_points(model):
    """Five new points, a training point (index 5) and one far from all data."""
    X = oracle.array(model.X)
    d = X.shape[1]
    return np.vstack([inputs(5, d), X[3:4], np.full((1, d), 25.0)])


@case("rbf-ard", "RBF with a lengthscale per input", protocol=2, until=(2, 0))
def _():
    return regression(GPy.kern.RBF(2, variance=1.4, lengthscale=[0.6, 1.5], ARD=True))


@case("rbf-ard-protocol-0", "The same in protocol 0, Python 2's default", protocol=0)
def _():
    return regression(GPy.kern.RBF(2, variance=1.4, lengthscale=[0.6, 1.5], ARD=True))


@case("rbf-ard-protocol-3", "The same in protocol 3", protocol=3, since=(1, 9), until=(2, 0))
def _():
    return regression(GPy.kern.RBF(2, variance=1.4, lengthscale=[0.6, 1.5], ARD=True))


@case("optimized", "Optimised", protocol=2)
def _():
    model = regression(GPy.kern.RBF(2, ARD=True))
    model.optimize(max_iters=60)
    return model


@case("after-predict", "Pickled after predictions", protocol=1, rough=[TRAINING], until=(1, 9))
def _():
    model = regression(GPy.kern.Matern52(2, lengthscale=0.9))
    model.predict(inputs(3, 2))
    return model


@case("exponential", "Exponential; in GPy.kern._src it is exp(-r/2)", protocol=2, kinks=[TRAINING], gap_limit=1e-6, until=(1, 9))
def _():
    return regression(GPy.kern.Exponential(2, variance=1.1, lengthscale=0.8))


@case("poly", "Polynomial; in GPy.kern._src it has neither scale nor bias", protocol=2, until=(1, 9))
def _():
    return regression(GPy.kern.Poly(2, variance=0.7, order=2))


@case("stdperiodic", "Standard periodic; in GPy.kern._src its parameters are wavelengths and lengthscales", protocol=2, until=(1, 9))
def _():
    kernel = GPy.kern.StdPeriodic(2, variance=1.3)
    kernel[:] = [1.3, 1.7, 0.8]
    return regression(kernel)


@case("ratquad-plus-bias", "Rational quadratic plus a constant", protocol=2, until=(1, 9))
def _():
    return regression(GPy.kern.RatQuad(2, variance=1.3, lengthscale=0.7, power=1.4) + GPy.kern.Bias(2, variance=0.5))


@case("sum-of-products", "RBF * Linear + Matern32 on chosen columns", protocol=2, rough=[TRAINING])
def _():
    product = GPy.kern.RBF(2, lengthscale=0.8, active_dims=[0, 2]) * GPy.kern.Linear(1, active_dims=[1])
    return regression(product + GPy.kern.Matern32(1, active_dims=[2]), d=3)


@case("mlp-white", "MLP plus white noise", protocol=2, until=(1, 9))
def _():
    kernel = GPy.kern.MLP(2, variance=1.6, weight_variance=1.3, bias_variance=0.7) + GPy.kern.White(2, variance=0.1)
    return regression(kernel)


@case("normalized", "One output with the version's own normaliser", protocol=2, gradient_reason={"mean": "it stays on the normalised scale", "variance": "it stays on the normalised scale"}, until=(2, 0))
def _():
    X = inputs(18, 2)
    return GPy.models.GPRegression(X, 30 + 4 * outputs(X), GPy.kern.RBF(2, lengthscale=0.8), noise_var=0.05, normalizer=True)


@case("three-outputs", "Three outputs", protocol=2, until=(1, 9))
def _():
    return regression(GPy.kern.RBF(2, lengthscale=0.8), p=3)


@case("three-outputs-normalized", "Three outputs with Standardize", protocol=4, since=(1, 10), until=(2, 0))
def _():
    return regression(GPy.kern.RBF(2, lengthscale=0.8), p=3, normalizer=True)


@case("mean-linear", "Linear mean function", protocol=2, gradient_reason={"mean": "it leaves the mean function out"}, until=(2, 0))
def _():
    mean = GPy.mappings.Linear(2, 1)
    mean.A[:] = [[1.5], [-0.8]]
    X = inputs(18, 2)
    return GPy.core.GP(X, outputs(X), GPy.kern.RBF(2, lengthscale=0.7), GPy.likelihoods.Gaussian(variance=0.03), mean_function=mean)


@case("sparse", "SparseGPRegression", protocol=2, until=(2, 0))
def _():
    X = inputs(30, 2)
    model = GPy.models.SparseGPRegression(X, outputs(X), GPy.kern.RBF(2, lengthscale=0.8), Z=inputs(7, 2))
    model.likelihood.variance = 0.03
    return model


@case("icm", "GPCoregionalizedRegression", protocol=2, gradient_dims=[0], until=(2, 0))
def _():
    X = [inputs(12, 1), inputs(9, 1)]
    kernel = GPy.util.multioutput.ICM(input_dim=1, num_outputs=2, kernel=GPy.kern.RBF(1, lengthscale=0.6), W_rank=1)
    model = GPy.models.GPCoregionalizedRegression(X, [outputs(X[0]), 1 + outputs(X[1])], kernel=kernel)
    model.likelihood[:] = [0.02, 0.2]
    points = np.hstack([inputs(6, 1), np.arange(6)[:, None] % 2])
    return model, np.vstack([points, oracle.array(model.X)[3:4], [[25.0, 1.0]]])


@case("heteroscedastic", "GPHeteroscedasticRegression", protocol=2, observed=False, until=(1, 9))
def _():
    X = inputs(16, 2)
    model = GPy.models.GPHeteroscedasticRegression(X, outputs(X), GPy.kern.RBF(2, lengthscale=0.8))
    model.het_Gauss.variance[:] = np.random.uniform(0.01, 0.2, size=(16, 1))
    return model


ILL = {
    "mean": {"absolute": 1e-8, "relative": 0},
    "variance": {"absolute": 5e-13, "relative": 1e-6},
    "covariance": {"absolute": 1e-11, "relative": 1e-6},
    "quantiles": {"absolute": 2e-8, "relative": 0},
    "mean_gradient": {"absolute": 1e-6, "relative": 1e-6},
    "variance_gradient": {"absolute": 5e-9, "relative": 1e-5},
}


@case("noise-free-surrogate", "200 points of a noise-free function of four inputs: the noise variance vanishes and cond(K) reaches 1e12",
      protocol=4, since=(1, 13), until=(1, 14), seed=20240, tolerance=ILL, difference_limit=1e-2, gap_limit=1e-5,
      gradient_reason={"variance": "it goes through the inverse of an ill-conditioned matrix"})
def _():
    X = np.random.uniform(size=(200, 4))
    x1, x2, x3, x4 = X.T
    y = np.sin(2 * np.pi * x1) + (x2 - 0.5) ** 2 + np.exp(-5 * x3) + x4 * np.sin(2 * np.pi * x4) + 0.5 * x1 * x3
    model = GPy.models.GPRegression(X, y[:, None], GPy.kern.RBF(4, ARD=True))
    model.optimize_restarts(num_restarts=3, verbose=False)
    K = oracle.array(model.kern.K(model.X)) + 1e-8 * np.eye(200)
    print("noise variance %.1e, condition of K %.1e" % (model.likelihood.variance[0], np.linalg.cond(K)))
    points = np.random.uniform(size=(6, 4))
    return model, np.vstack([[[0.51, 0.76, 0.94, 0.72]], points, X[3:4], np.full((1, 4), 25.0)])


def generate(case):
    np.random.seed(case.get("seed", oracle.seed_of(case["name"])))
    built = case["build"]()
    model, X = built if isinstance(built, tuple) else (built, test_points(built))
    path = os.path.join(HERE, case["name"] + ".pkl")
    with open(path, "wb") as file:
        pickle.dump(model, file, protocol=case["protocol"])
    with open(path, "rb") as file:
        model = pickle.load(file)
    result = oracle.expected(model, X, case, case["protocol"])
    oracle.write_expected(os.path.join(HERE, case["name"] + ".expected.json"), result)
    oracle.report(result, path)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    words = sys.argv[1:]
    failed = []
    for each in CASES:
        if not words or any(word in each["name"] for word in words):
            try:
                generate(each)
            except AssertionError as error:
                failed.append(each["name"])
                print("FAILED", each["name"], error)
    if failed:
        sys.exit("failed: %s" % failed)
