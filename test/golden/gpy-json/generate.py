"""Golden files of GPy's other format: `model.save_model`, which writes JSON without a posterior.

    pip install -r ../gpy/requirements.txt
    OPENBLAS_NUM_THREADS=1 python generate.py

`<name>.json` is save_model(compress=False), `<name>.zip` is save_model(compress=True): GPy gives it
that ending, but it is gzip. The expected numbers come from GPy's load_model, which computes the
posterior anew from X, Y and the kernel.
"""

import sys
import warnings
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "gpy"))

import GPy  # noqa: E402
import numpy as np  # noqa: E402
from GPy.kern import (  # noqa: E402
    RBF, Bias, Coregionalize, Exponential, ExpQuad, Linear, Matern32, Matern52, OU, RatQuad, StdPeriodic, White,
)  # fmt: skip
from GPy.models import GPRegression, SparseGPRegression  # noqa: E402

import oracle  # noqa: E402

CASES = {}
TRAINING = 5


def case(name, description, zip=False, **options):
    def register(build):
        CASES[name] = dict(name=name, description=description, zip=zip, build=build, recomputed=True, **options)
        return build

    return register


def inputs(n, d):
    return np.random.uniform(-1, 2, size=(n, d))


def outputs(X, p=1):
    columns = [np.sin(2 * X[:, 0] + q) + 0.4 * (q + 1) * np.cos(3 * X.sum(1)) + 0.3 * q for q in range(p)]
    return np.stack(columns, 1) + 0.05 * np.random.normal(size=(len(X), p))


def regression(kernel, d=2, n=20, p=1, **options):
    X = inputs(n, d)
    return GPRegression(X, outputs(X, p), kernel, noise_var=0.02, **options)


def simple(name, description, make, **options):
    @case(name, description, **options)
    def _():
        return regression(make())


simple("rbf-iso", "RBF", lambda: RBF(2, variance=1.4, lengthscale=0.7))
simple("rbf-ard-zip", "RBF with a lengthscale per input, compressed", lambda: RBF(2, variance=1.4, lengthscale=[0.7, 1.6], ARD=True), zip=True)
simple("expquad", "ExpQuad", lambda: ExpQuad(2, variance=1.4, lengthscale=0.7))
simple("exponential", "Exponential", lambda: Exponential(2, lengthscale=0.7), kinks=[TRAINING], gap_limit=1e-6)
simple("ou", "Ornstein-Uhlenbeck", lambda: OU(2, lengthscale=0.7), kinks=[TRAINING], gap_limit=1e-6)
simple("matern32-matern52", "Matern 3/2 + Matern 5/2", lambda: Matern32(2, lengthscale=0.7) + Matern52(2, lengthscale=1.7), rough=[TRAINING])
simple("ratquad", "Rational quadratic: the power is in the file", lambda: RatQuad(2, lengthscale=0.7, power=1.3))
simple("stdperiodic", "Standard periodic", lambda: StdPeriodic(2, period=[1.3, 2.1], lengthscale=0.8, ARD1=True))
simple("sum", "RBF + Linear + Bias + White",
       lambda: RBF(2, lengthscale=0.7) + Linear(2, variances=[0.3, 0.5], ARD=True) + Bias(2, variance=0.4) + White(2, variance=0.03))
simple("product-of-sums-zip", "(RBF + Bias) * (Linear + Matern52), compressed",
       lambda: (RBF(2, lengthscale=0.8) + Bias(2, variance=0.5)) * (Linear(2, variances=0.4) + Matern52(2)), zip=True, rough=[TRAINING])


@case("active-dims", "Kernels on chosen columns, one reversed")
def _():
    return regression(RBF(2, lengthscale=[0.5, 1.9], ARD=True, active_dims=[2, 0]) * Linear(1, active_dims=[1]), d=3)


@case("normalized", "Standardize is in the file")
def _():
    X = inputs(20, 2)
    return GPRegression(X, 30 + 5 * outputs(X), RBF(2, lengthscale=0.7), noise_var=0.02, normalizer=True)


@case("three-outputs-normalized-zip", "Three outputs with Standardize, compressed", zip=True)
def _():
    return regression(RBF(2, lengthscale=0.8), p=3, normalizer=True)


@case("mean-linear", "Linear mean function")
def _():
    mean = GPy.mappings.Linear(2, 1)
    mean.A[:] = [[1.5], [-0.8]]
    return regression(RBF(2, lengthscale=0.7), mean_function=mean)


@case("mean-constant", "Constant mean function")
def _():
    return regression(RBF(2, lengthscale=0.7), mean_function=GPy.mappings.Constant(2, 1, value=4.5))


@case("core-gp", "GPy.core.GP", rough=[TRAINING])
def _():
    X = inputs(18, 2)
    return GPy.core.GP(X, outputs(X), Matern52(2, lengthscale=0.9), GPy.likelihoods.Gaussian(variance=0.03))





@case("icm", "RBF * Coregionalize with one Gaussian noise", gradient_dims=[0])
def _():
    X = np.hstack([inputs(20, 1), np.arange(20)[:, None] % 2])
    index = Coregionalize(1, 2, rank=1, W=np.array([[0.9], [-0.4]]), kappa=np.array([0.3, 0.5]), active_dims=[1])
    model = GPRegression(X, outputs(X), RBF(1, lengthscale=0.8) * index, noise_var=0.02)
    points = np.hstack([inputs(6, 1), np.arange(6)[:, None] % 2])
    return model, np.vstack([points, X[3:4], [[25.0, 1.0]]])


@case("mixed-noise", "GPy.core.GP with MixedNoise: Y_metadata is in the file", gradient_dims=[0])
def _():
    X = np.hstack([inputs(20, 1), np.arange(20)[:, None] % 2])
    index = Coregionalize(1, 2, rank=1, W=np.array([[0.9], [-0.4]]), kappa=np.array([0.3, 0.5]), active_dims=[1])
    noise = [GPy.likelihoods.Gaussian(variance=v, name="noise_%d" % i) for i, v in enumerate([0.01, 0.2])]
    model = GPy.core.GP(X, outputs(X), RBF(1, lengthscale=0.8) * index, GPy.likelihoods.MixedNoise(noise),
                        Y_metadata={"output_index": X[:, 1:].astype(int)})
    points = np.hstack([inputs(6, 1), np.arange(6)[:, None] % 2])
    return model, np.vstack([points, X[3:4], [[25.0, 1.0]]])


@case("tensor-product", "k1 ** k2: the file keeps active_dims alone, so GPy itself loads another model than it saved",
      note="The saved model had its second factor on column 1. Expected here is what GPy's load_model makes of the file: both on column 0.")
def _():
    return regression(RBF(1, lengthscale=0.6) ** RBF(1, lengthscale=0.9), d=2)


@case("sparse", "SparseGPRegression: Z is in the file, the posterior is not")
def _():
    X = inputs(30, 2)
    model = SparseGPRegression(X, outputs(X), RBF(2, lengthscale=0.8), Z=inputs(7, 2))
    model.likelihood.variance = 0.03
    return model


@case("optimized-zip", "Optimised, compressed", zip=True)
def _():
    model = regression(RBF(2, ARD=True))
    model.optimize(max_iters=60)
    return model


def generate(case):
    np.random.seed(oracle.seed_of("json-" + case["name"]))
    built = case["build"]()
    model, X = built if isinstance(built, tuple) else (built, None)
    if X is None:
        data = oracle.array(model.X)
        d = data.shape[1]
        X = np.vstack([inputs(5, d), data[3:4], np.full((1, d), 25.0)])
    model.save_model(str(HERE / case["name"]), compress=case["zip"])
    path = HERE / (case["name"] + (".zip" if case["zip"] else ".json"))
    model = GPy.core.Model.load_model(str(path))
    result = oracle.expected(model, X, case, None)
    oracle.write_expected(HERE / (case["name"] + ".expected.json"), result)
    oracle.report(result, path)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    for each in CASES.values():
        if not sys.argv[1:] or any(word in each["name"] for word in sys.argv[1:]):
            generate(each)
