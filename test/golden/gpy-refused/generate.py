"""Real files that a loader of GPy models has to refuse, each with the reason.

    pip install -r ../gpy/requirements.txt
    OPENBLAS_NUM_THREADS=1 python generate.py

Writes `<name>.pkl` for every case and cases.json, the list of them: `what` the file is,
`why` it is refused, and `names`: the message should contain at least one of these words.
"""

import json
import pickle
import warnings
from pathlib import Path

import GPy
import numpy as np
from GPy.kern import RBF

HERE = Path(__file__).parent
CASES = {}


def case(name, what, why, names, protocol=4):
    def register(build):
        CASES[name] = dict(what=what, why=why, names=names, protocol=protocol, build=build)
        return build

    return register


def data(n=12, d=2):
    X = np.random.uniform(size=(n, d))
    return X, np.sin(3 * X.sum(1, keepdims=True))


@case("student-t-process", "TPRegression", "A Student-t process is no Gaussian process: its variance depends on the data's fit.", ["TPRegression"])
def _():
    return GPy.models.TPRegression(*data(), RBF(2))


@case("classification", "GPClassification: Bernoulli likelihood, posterior by expectation propagation",
      "The likelihood is not Gaussian: the prediction is a probability, not a mean and a variance.", ["GPClassification", "Bernoulli"])
def _():
    X, Y = data()
    return GPy.models.GPClassification(X, (Y > 0.5).astype(float), RBF(2))


@case("student-t-likelihood", "GPy.core.GP with a Student-t likelihood and Laplace's approximation", "The likelihood is not Gaussian.", ["StudentT"], protocol=2)
def _():
    likelihood = GPy.likelihoods.StudentT(deg_free=4, sigma2=0.1)
    inference = GPy.inference.latent_function_inference.Laplace()
    return GPy.core.GP(*data(), RBF(2), likelihood, inference_method=inference)


@case("poisson", "GPy.core.GP with a Poisson likelihood", "The likelihood is not Gaussian.", ["Poisson"])
def _():
    X, Y = data()
    inference = GPy.inference.latent_function_inference.Laplace()
    return GPy.core.GP(X, np.round(3 + 2 * Y), RBF(2), GPy.likelihoods.Poisson(), inference_method=inference)


@case("missing-data", "SparseGPMiniBatch with missing values: another factor for each output",
      "Data are missing in single outputs: the posterior has three dimensions.", ["SparseGPMiniBatch"])
def _():
    X, _ = data(15)
    Y = np.stack([np.sin(3 * X[:, 0]), np.cos(3 * X[:, 1])], 1)
    Y[2, 0] = Y[7, 1] = np.nan
    model = GPy.models.sparse_gp_minibatch.SparseGPMiniBatch(X, Y, X[:5].copy(), RBF(2), GPy.likelihoods.Gaussian(), missing_data=True)
    assert model.posterior._woodbury_inv.ndim == 3
    model.stochastics.d = list(model.stochastics.d)  # on Python 3 a dict_values, which cannot be pickled
    return model


@case("warped", "WarpedGP: the output goes through a learnt function", "The outputs are warped.", ["WarpedGP"])
def _():
    return GPy.models.WarpedGP(*data(), kernel=RBF(2))


@case("input-warped", "InputWarpedGP: the inputs go through a learnt function", "The inputs are warped.", ["InputWarpedGP"], protocol=3)
def _():
    return GPy.models.InputWarpedGP(*data(), kernel=RBF(2))


@case("gplvm", "GPLVM: the inputs are latent", "A latent variable model has no inputs to ask for.", ["GPLVM"])
def _():
    X, _ = data()
    return GPy.models.GPLVM(np.hstack([np.sin(X), np.cos(X)]), input_dim=2)


@case("bayesian-gplvm", "BayesianGPLVM: the inputs are distributions", "A latent variable model has no inputs to ask for.", ["BayesianGPLVM"])
def _():
    X, _ = data()
    return GPy.models.BayesianGPLVM(np.hstack([np.sin(X), np.cos(X)]), input_dim=2, num_inducing=4)


@case("uncertain-inputs", "SparseGPRegression with X_variance: the training inputs are distributions",
      "The training inputs are a NormalPosterior, not an array.", ["NormalPosterior"])
def _():
    X, Y = data(15)
    return GPy.models.SparseGPRegression(X, Y, RBF(2), Z=X[:5].copy(), X_variance=np.full(X.shape, 0.01))


@case("variational", "GPVariationalGaussianApproximation", "Not an exact or sparse regression.", ["GPVariationalGaussianApproximation"])
def _():
    X, Y = data()
    return GPy.models.GPVariationalGaussianApproximation(X, (Y > 0.5).astype(float), RBF(2), GPy.likelihoods.Bernoulli())


@case("kernel-periodic-matern", "GPRegression with PeriodicMatern32", "The kernel is unknown: it is a Fourier series, not a formula.", ["PeriodicMatern32"])
def _():
    return GPy.models.GPRegression(*data(d=1), GPy.kern.PeriodicMatern32(1, n_freq=4), noise_var=0.05)


@case("kernel-fixed", "GPRegression with a Fixed kernel, inside a sum",
      "The kernel is a matrix over the training points: it says nothing about new ones.", ["Fixed"])
def _():
    X, Y = data()
    return GPy.models.GPRegression(X, Y, RBF(2) + GPy.kern.Fixed(2, np.eye(12)), noise_var=0.05)


@case("kernel-spline", "GPRegression with a Spline kernel", "The kernel is unknown.", ["Spline"])
def _():
    return GPy.models.GPRegression(*data(d=1), GPy.kern.Spline(1), noise_var=0.05)


@case("kernel-white-heteroscedastic", "GPRegression with WhiteHeteroscedastic",
      "The kernel has a variance for each training point and none for new ones.", ["WhiteHeteroscedastic"])
def _():
    X, Y = data()
    return GPy.models.GPRegression(X, Y, RBF(2) + GPy.kern.WhiteHeteroscedastic(2, 12), noise_var=0.05)


class OwnKernel(RBF):
    """A user's class: its name says nothing about its formula."""


@case("kernel-of-ones-own", "GPRegression with a kernel class from the user's script", "The class comes from __main__: its code is not in the file.", ["OwnKernel"])
def _():
    return GPy.models.GPRegression(*data(), OwnKernel(2), noise_var=0.05)


@case("mean-mlp", "GPRegression with a neural network as its mean function", "The mean function is unknown.", ["MLP"])
def _():
    return GPy.models.GPRegression(*data(), RBF(2), noise_var=0.05, mean_function=GPy.mappings.MLP(2, 1, hidden_dim=3))


@case("kernel-alone", "A kernel without a model", "A kernel without training data cannot predict.", ["RBF"])
def _():
    return RBF(2)


@case("parameters-alone", "np.save's neighbour: the pickled param_array", "An array of parameters is no model.", ["array"])
def _():
    return np.array(GPy.models.GPRegression(*data(), RBF(2)).param_array)


@case("dictionary", "A dictionary around a model", "The pickle's root is a dict, not a GPy model.", ["dict"])
def _():
    return {"model": GPy.models.GPRegression(*data(), RBF(2)), "inputs": ["a", "b"]}


@case("list-of-models", "A list of two models", "The pickle's root is a list, not a GPy model.", ["list"], protocol=5)
def _():
    return [GPy.models.GPRegression(*data(), RBF(2)) for _ in range(2)]


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    listed = []
    for index, (name, each) in enumerate(CASES.items()):
        np.random.seed(index)
        path = HERE / (name + ".pkl")
        with open(path, "wb") as file:
            pickle.dump(each.pop("build")(), file, protocol=each["protocol"])
        listed.append({"file": path.name, **each})
        print("%-32s %7d bytes" % (name, path.stat().st_size))
    with open(HERE / "cases.json", "w") as file:
        json.dump({"gpy": GPy.__version__, "numpy": np.__version__, "cases": listed}, file, indent=2)
        file.write("\n")
