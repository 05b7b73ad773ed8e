"""Times the prediction in numpy and scipy: python numpy_predict.py MODELS SECONDS. Prints JSON.

The whole prediction is the one that GPy and scikit-learn do: distances as |x|^2 + |y|^2 - 2 x.y, one triangular
solve, one sum of squares. "dtrsm" is the solve alone, on the same kernel panel. The number of BLAS threads is the
environment's.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np
from scipy.linalg.blas import dtrsm
from scipy.linalg.lapack import dtrtrs

models, seconds = Path(sys.argv[1]), float(sys.argv[2])
hyper = json.loads((models / "hyperparameters.json").read_text())
variance, noise = hyper["variance"], hyper["noise"]
lengthscale = np.array(hyper["lengthscale"])
queries = np.fromfile(models / "queries.f64").reshape(-1, 4)


def panel(Z, X):
    """k(Z, X), n x m, column-major: LAPACK's order, so that nothing is copied."""
    a, b = X / lengthscale, Z / lengthscale
    r2 = -2.0 * (a @ b.T) + ((a**2).sum(1)[:, None] + (b**2).sum(1)[None, :])
    np.clip(r2, 0, np.inf, out=r2)
    r2 *= -0.5
    np.exp(r2, out=r2)
    r2 *= variance
    return r2.T


def predict(Z, L, alpha, X):
    K = panel(Z, X)
    mean = K.T @ alpha
    V, _ = dtrtrs(L, K, lower=1, overwrite_b=1)
    return mean, variance - np.einsum("ij,ij->j", V, V) + noise


def best(run, prepare=lambda: ()):
    """The shortest time of one call, in seconds: what the machine can do when nothing disturbs it."""
    times, began = [], time.perf_counter()
    while len(times) < 3 or time.perf_counter() - began < seconds:
        arguments = prepare()
        start = time.perf_counter()
        run(*arguments)
        times.append(time.perf_counter() - start)
    return min(times)


results = []
for n in (200, 1000, 2000):
    folder = models / f"n{n}" / "library"
    Z = np.fromfile(folder / "Z.f64").reshape(n, 4)
    L = np.asfortranarray(np.fromfile(folder / "L.f64").reshape(n, n))
    alpha = np.fromfile(folder / "alpha.f64")
    for rows in (1, 1000, 10_000):
        X = queries[:rows]
        K = panel(Z, X)
        solve = best(lambda B: dtrsm(1.0, L, B, lower=1, overwrite_b=1), lambda: (K.copy(order="F"),))
        whole = best(lambda: predict(Z, L, alpha, X))
        mean, total = predict(Z, L, alpha, X[:1000])
        result = {"n": n, "rows": rows, "secondsPredict": whole, "secondsDtrsm": solve}
        results.append({**result, "mean": mean.tolist(), "variance": total.tolist()})
print(json.dumps(results))
