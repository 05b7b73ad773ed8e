"""Writes the benchmark's models: python make_models.py FOLDER

For n = 200, 1,000 and 2,000 training points in four dimensions, the same Gaussian process (RBF-ARD, fixed
hyperparameters, noise variance 1e-4) as

    FOLDER/n<N>/gpy/model.pkl       what the Flask + GPy example and Kriged serve
    FOLDER/n<N>/sklearn.joblib      what FastAPI and BentoML serve
    FOLDER/n<N>/library/*.f64       Z, L, alpha as raw doubles, row-major, for the library benchmark

and FOLDER/queries.f64, 100,000 x 4 points to ask for.
"""

import json
import pickle
import sys
from pathlib import Path

import GPy
import joblib
import numpy as np
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel

VARIANCE = 1.3
LENGTHSCALE = [0.6, 0.9, 0.7, 0.5]
NOISE = 1e-4
GPY_NUGGET = 1e-8  # GPy adds it to the diagonal of every exact model
SIZES = (200, 1000, 2000)

folder = Path(sys.argv[1])
random = np.random.default_rng(20260101)


def f(x):
    x1, x2, x3, x4 = x.T
    y = np.sin(2 * np.pi * x1) + (x2 - 0.5) ** 2 + np.exp(-5 * x3)
    return y + x4 * np.sin(2 * np.pi * x4) + 0.5 * x1 * x3


def write(path, array):
    path.write_bytes(np.ascontiguousarray(array, dtype="<f8").tobytes())


folder.mkdir(parents=True, exist_ok=True)
for n in SIZES:
    X = random.uniform(size=(n, 4))
    y = f(X) + np.sqrt(NOISE) * random.standard_normal(n)
    place = folder / f"n{n}"
    (place / "gpy").mkdir(parents=True, exist_ok=True)
    (place / "library").mkdir(exist_ok=True)

    kernel = GPy.kern.RBF(4, variance=VARIANCE, lengthscale=LENGTHSCALE, ARD=True)
    model = GPy.models.GPRegression(X, y[:, None], kernel, noise_var=NOISE)
    with open(place / "gpy" / "model.pkl", "wb") as file:
        pickle.dump(model, file)

    same = GaussianProcessRegressor(
        ConstantKernel(VARIANCE) * RBF(LENGTHSCALE), alpha=NOISE + GPY_NUGGET, optimizer=None
    ).fit(X, y)
    same.noise_variance = NOISE
    joblib.dump(same, place / "sklearn.joblib")

    write(place / "library" / "Z.f64", X)
    write(place / "library" / "L.f64", model.posterior.woodbury_chol)
    write(place / "library" / "alpha.f64", model.posterior.woodbury_vector)

write(folder / "queries.f64", random.uniform(size=(100_000, 4)))
hyperparameters = {"variance": VARIANCE, "lengthscale": LENGTHSCALE, "noise": NOISE}
(folder / "hyperparameters.json").write_text(json.dumps(hyperparameters))
