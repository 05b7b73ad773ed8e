"""Models that the exporter cannot take over: it says which part, writes no file, and changes no model.

    python refused.py        ends with status 1 where one of them is taken over, or refused in other words
"""

import sys
import tempfile
from pathlib import Path

import botorch
import GPy
import gpytorch
import numpy as np
import torch
from sklearn.gaussian_process import GaussianProcessRegressor, kernels
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "exporters"))
from kriged_export import UnsupportedModel, export  # noqa: E402

random = np.random.default_rng(2)
X = random.uniform(size=(12, 2))
y = X.sum(axis=1)
x64, y64 = torch.tensor(X), torch.tensor(y)[:, None]


def sklearn(kernel):
    return GaussianProcessRegressor(kernel, alpha=10.0, optimizer=None).fit(X, y)


CASES = {
    "GPClassification|Bernoulli": lambda: GPy.models.GPClassification(X, (y > 1)[:, None] * 1.0),
    "kernel Spline": lambda: GPy.models.GPRegression(X[:, :1], y[:, None], GPy.kern.Spline(1)),
    "ExpSineSquared of several inputs": lambda: sklearn(kernels.ExpSineSquared()),
    "nu = 0.8": lambda: sklearn(kernels.Matern(nu=0.8)),
    "power of 0.5": lambda: sklearn(kernels.RBF() ** 0.5),
    "PairwiseKernel": lambda: sklearn(kernels.PairwiseKernel(metric="laplacian")),
    "PolynomialFeatures": lambda: make_pipeline(PolynomialFeatures(), GaussianProcessRegressor()).fit(X, y),
    "LinearRegression": lambda: make_pipeline(LinearRegression()).fit(X, y),
    "not fitted": lambda: GaussianProcessRegressor(),
    "batch of models": lambda: botorch.models.SingleTaskGP(x64, torch.hstack([y64, y64])),
    "input transform Log10": lambda: botorch.models.SingleTaskGP(
        x64, y64, input_transform=botorch.models.transforms.input.Log10(indices=[0])
    ),
    "outcome transform Log": lambda: botorch.models.SingleTaskGP(
        x64, y64, outcome_transform=botorch.models.transforms.outcome.Log()
    ),
    "only ExactGP": lambda: botorch.models.SingleTaskVariationalGP(x64, y64),
    "builtins.dict": lambda: {"a": "dictionary"},
}

failures = []
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "model.safetensors"
    for words, make in CASES.items():
        try:
            export(make(), path)
            failures.append(f"{words}: was exported")
        except UnsupportedModel as error:
            if not any(word in str(error) for word in words.split("|")):
                failures.append(f"{words}: {error}")
    if path.exists():
        failures.append("a file was written")

    single = botorch.models.SingleTaskGP(x64.float(), y64.float())
    export(single, path)
    if any(parameter.dtype != torch.float32 for parameter in single.parameters()) or not single.training:
        failures.append("the model was changed")
    assert isinstance(single, gpytorch.models.ExactGP)

for failure in failures:
    print(failure)
print(f"{len(CASES)} models that are refused: {len(failures)} faults")
sys.exit(len(failures) > 0)
