"""Writes expected.json: leave-one-out of golden GPy models, as GPy itself gives it.

    pip install -r ../gpy/requirements.txt
    OPENBLAS_NUM_THREADS=1 python generate.py

`mean` and `variance` come from models that GPy builds anew without each training point, with the
hyperparameters, mean function and normaliser of the whole one; `log_density` from GPy's own closed
formula (ExactGaussianInference.LOO); `condition_number` and the scores from numpy and scipy. Units
are the outputs' own, except for `log_density` and `log_likelihood`, which GPy gives of normalised ones.
"""

import json
import pickle
from pathlib import Path

import GPy
import numpy as np
from scipy import stats

HERE = Path(__file__).parent
CASES = ["matern52-ard", "normalized", "three-outputs-normalized", "mean-linear", "heteroscedastic", "white-plus-rbf"]
NUGGET = 1e-8  # what ExactGaussianInference adds to the diagonal


def leave_one_out(model):
    X = np.array(model.X)
    Y = np.array(model.Y_normalized if model.normalizer is not None else model.Y)
    noise = np.broadcast_to(np.array(model.likelihood.gaussian_variance(model.Y_metadata)).ravel(), len(X))
    means, variances = [], []
    for i in range(len(X)):
        rest = np.arange(len(X)) != i
        # One variance a point is what a heteroscedastic likelihood has, and any other can be written so.
        likelihood = GPy.likelihoods.HeteroscedasticGaussian({"output_index": np.arange(len(X) - 1)[:, None]})
        likelihood.variance = noise[rest][:, None]
        part = GPy.core.GP(
            X[rest],
            Y[rest],
            kernel=model.kern.copy(),
            likelihood=likelihood,
            mean_function=None if model.mean_function is None else model.mean_function.copy(),
            Y_metadata={"output_index": np.arange(len(X) - 1)[:, None]},
        )
        mean, variance = part.predict_noiseless(X[i : i + 1])
        means.append(mean[0])
        # The left-out point is observed, with its noise and its nugget.
        variances.append(variance[0] * np.ones(Y.shape[1]) + noise[i] + NUGGET)
    return Y, np.array(means), np.array(variances), noise


def scores(observed, mean, variance):
    error = observed - mean
    standardised = error / np.sqrt(variance)
    nlpd = -stats.norm.logpdf(observed, mean, np.sqrt(variance)).mean()
    trivial = -stats.norm.logpdf(observed, observed.mean(), observed.std()).mean()
    return {
        "rmse": np.sqrt((error**2).mean()),
        "mae": np.abs(error).mean(),
        "q2": 1 - (error**2).sum() / ((observed - observed.mean()) ** 2).sum(),
        "nlpd": nlpd,
        "msll": nlpd - trivial,
        "coverage": {str(p): (np.abs(standardised) <= stats.norm.ppf(0.5 + p / 200)).mean() for p in (50, 80, 90, 95)},
        "standardised": {
            "mean": standardised.mean(),
            "deviation": standardised.std(),
            "skewness": stats.skew(standardised),
            "excessKurtosis": stats.kurtosis(standardised),
        },
    }


def case(name):
    with open(HERE / ".." / "gpy" / (name + ".pkl"), "rb") as file:
        model = pickle.load(file)
    Y, mean, variance, noise = leave_one_out(model)
    closed = model.inference_method.LOO(
        model.kern, model.X, Y, model.likelihood, model.posterior, Y_metadata=model.Y_metadata
    )
    K = model.kern.K(model.X) + np.diag(noise + NUGGET)
    unit, shift = np.ones(Y.shape[1]), np.zeros(Y.shape[1])
    if model.normalizer is not None:
        unit, shift = np.ravel(model.normalizer.std), np.ravel(model.normalizer.mean)
    Y, mean, variance = Y * unit + shift, mean * unit + shift, variance * unit**2
    return {
        "observed": Y.tolist(),
        "mean": mean.tolist(),
        "variance": variance.tolist(),
        "log_density": np.array(closed).tolist(),
        "log_likelihood": float(np.ravel(model.log_likelihood())[0]),
        "condition_number": float(np.linalg.cond(K, 1)),
        "scores": [scores(Y[:, o], mean[:, o], variance[:, o]) for o in range(Y.shape[1])],
    }


expected = {"gpy": GPy.__version__, "cases": {name: case(name) for name in CASES}}
(HERE / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")
