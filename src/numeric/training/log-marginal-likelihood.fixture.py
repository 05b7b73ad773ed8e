"""Log marginal likelihoods of GPy and their gradients: python log-marginal-likelihood.fixture.py > ....fixture.json"""

import json

import GPy
import numpy as np

random = np.random.default_rng(11)
X = random.uniform(-1, 2, size=(24, 3)).round(6)
Y = np.column_stack([np.sin(2 * X[:, 0]) + X[:, 1], X[:, 1] * X[:, 2]]) + 0.1 * random.normal(size=(24, 2))
Y = Y.round(6)
K = GPy.kern
ARD = {"variance": 1.3, "lengthscale": [0.7, 1.1, 2.3]}


def stationary(kind, **more):
    return kind(3, variance=1.3, lengthscale=ARD["lengthscale"], ARD=True, **more)


def spec(kind, **params):
    return {"type": kind, "params": params}


CASES = [
    (spec("rbf", **ARD), stationary(K.RBF), ["variance", "lengthscale"]),
    (spec("rbf", variance=1.3, lengthscale=0.8), K.RBF(3, variance=1.3, lengthscale=0.8), ["variance", "lengthscale"]),
    (spec("matern32", **ARD), stationary(K.Matern32), ["variance", "lengthscale"]),
    (spec("matern52", **ARD), stationary(K.Matern52), ["variance", "lengthscale"]),
    (spec("exponential", **ARD), stationary(K.Exponential), ["variance", "lengthscale"]),
    (spec("ratquad", power=1.7, **ARD), stationary(K.RatQuad, power=1.7), ["variance", "lengthscale", "power"]),
    (spec("linear", variances=[0.4, 0.6, 1.1]), K.Linear(3, [0.4, 0.6, 1.1], ARD=True), ["variances"]),
    (spec("white", variance=0.7), K.White(3, 0.7), ["variance"]),
    (spec("bias", variance=0.7), K.Bias(3, 0.7), ["variance"]),
    (
        spec("periodic", variance=1.3, period=[0.9, 1.4, 3.1], lengthscale=[0.7, 1.1, 2.3]),
        K.StdPeriodic(
            3, variance=1.3, period=[0.9, 1.4, 3.1], lengthscale=[0.7, 1.1, 2.3], ARD1=True, ARD2=True
        ),
        ["variance", "period", "lengthscale"],
    ),
]
cases = []
for kernel, gpy, names in CASES:
    model = GPy.models.GPRegression(X, Y, gpy, noise_var=0.05)
    gradient = [float(g) for name in names for g in np.ravel(getattr(gpy, name).gradient)]
    cases.append(
        {
            "kernel": kernel,
            "value": float(model.log_likelihood()),
            "gradient": [*gradient, float(model.likelihood.variance.gradient[0])],
        }
    )
print(json.dumps({"GPy": GPy.__version__, "noise": 0.05, "X": X.tolist(), "Y": Y.tolist(), "cases": cases}))
