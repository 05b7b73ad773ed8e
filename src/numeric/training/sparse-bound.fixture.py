"""Writes sparse-bound.fixture.json: the bound of GPy's SparseGPRegression, and its gradient by every parameter.

Run with GPy installed: python sparse-bound.fixture.py
"""

import json
from pathlib import Path

import GPy
import numpy as np

CASES = [
    ("rbf, ARD", lambda d: GPy.kern.RBF(d, variance=1.3, lengthscale=[0.7, 1.4], ARD=True), 0.05, 1),
    ("matern52, two outputs", lambda d: GPy.kern.Matern52(d, variance=0.8, lengthscale=0.9), 0.2, 2),
    (
        "rbf + white + bias",
        lambda d: GPy.kern.RBF(d, 2.0, 0.6) + GPy.kern.White(d, 0.1) + GPy.kern.Bias(d, 0.4),
        0.01,
        1,
    ),
]


def numbers(array):
    return np.asarray(array, dtype=float).tolist()


def main():
    random = np.random.default_rng(20261122)
    cases = []
    for name, kernel, noise, outputs in CASES:
        X = random.uniform(-2, 2, size=(40, 2))
        Y = np.sin(2 * X @ random.normal(size=(2, outputs))) + 0.1 * random.normal(size=(40, outputs))
        Z = X[:7] + 0.1 * random.normal(size=(7, 2))
        model = GPy.models.SparseGPRegression(X, Y, kernel=kernel(2), Z=Z, normalizer=False)
        model.likelihood.variance = noise
        parts = model.kern.parts if hasattr(model.kern, "parts") and model.kern.parts else [model.kern]
        cases.append(
            {
                "name": name,
                "X": numbers(X),
                "Y": numbers(Y),
                "Z": numbers(Z),
                "noise": noise,
                "bound": float(model.log_likelihood()),
                "byKernel": [float(g) for part in parts for p in part.parameters for g in p.gradient],
                "byNoise": float(model.likelihood.variance.gradient[0]),
                "byInducing": numbers(model.Z.gradient),
            }
        )
    path = Path(__file__).with_suffix(".json")
    path.write_text(json.dumps({"GPy": GPy.__version__, "cases": cases}, indent=1) + "\n")


main()
