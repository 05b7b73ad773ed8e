"""GPy's and scikit-learn's training, and what hyperparameters are worth in extended precision.

    python train_peers.py data SETS N OUT.json     the data sets
    python train_peers.py gpy DATA.json RESTARTS   a line of JSON for each data set
    python train_peers.py sklearn DATA.json RESTARTS
    python train_peers.py evaluate DATA.json FOUND.json

All have the model GPy's exact inference has: K + (noise + 1e-8) I, no mean.
"""

import json
import sys
import time
import warnings

import numpy as np

warnings.filterwarnings("ignore")
NUGGET = 1e-8
FUNCTIONS = {
    "additive": lambda x: np.sin(6 * x[:, 0]) + x[:, 1] ** 2 + 0.5 * np.cos(4 * x[:, 2] * x[:, 3]),
    "product": lambda x: np.exp(-3 * x[:, 0]) * np.sin(8 * x[:, 1]) + x[:, 2],
    "kink": lambda x: np.abs(x[:, 0] - 0.5) + x[:, 1] * x[:, 2] - x[:, 3],
    "friedman": lambda x: 10 * np.sin(np.pi * x[:, 0] * x[:, 1]) + 20 * (x[:, 2] - 0.5) ** 2 + 10 * x[:, 3],
    "ridge": lambda x: np.tanh(4 * (x @ np.array([1, -1, 0.5, 0.2]))),
    "wavy": lambda x: np.sin(12 * x[:, 0]) * np.cos(7 * x[:, 1]) + 0.3 * x[:, 2],
}
NOISES = (0, 1e-3, 1e-2, 0.1, 0.5)


def make(sets, n):
    """Every function at every noise level (a part of the standard deviation), or `sets` of them from all levels."""
    every = [(name, noise) for noise in NOISES for name in FUNCTIONS]
    cases = [every[k * len(every) // sets] for k in range(min(sets, len(every)))]
    result = []
    for seed, (name, noise) in enumerate(cases):
        random = np.random.default_rng(1000 + seed)
        X = random.uniform(size=(n, 4))
        y = FUNCTIONS[name](X)
        y = y + noise * y.std() * random.normal(size=n)
        y = (y - y.mean()) / y.std()
        result.append({"name": name, "noise": noise, "X": X.tolist(), "y": y.tolist()})
    return result


def arrays(case):
    return np.array(case["X"]), np.array(case["y"])[:, None]


def gpy_model(X, y):
    import GPy

    return GPy.models.GPRegression(X, y, GPy.kern.RBF(4, ARD=True))


def gpy(case, restarts):
    X, y = arrays(case)
    np.random.seed(1)
    model = gpy_model(X, y)
    start = time.process_time()
    model.optimize_restarts(restarts, verbose=False, robust=True)
    return {
        "seconds": time.process_time() - start,
        "variance": float(model.kern.variance[0]),
        "lengthscale": model.kern.lengthscale.tolist(),
        "noise": float(model.likelihood.variance[0]),
    }


def sklearn(case, restarts):
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel

    X, y = arrays(case)
    kernel = ConstantKernel(1, (1e-6, 1e6)) * RBF([1] * 4, (1e-3, 1e5)) + WhiteKernel(0.01, (1e-12, 10))
    model = GaussianProcessRegressor(kernel, alpha=NUGGET, n_restarts_optimizer=restarts - 1, random_state=1)
    start = time.process_time()
    model.fit(X, y[:, 0])
    seconds = time.process_time() - start
    scaled, white = model.kernel_.k1, model.kernel_.k2
    return {
        "seconds": seconds,
        "variance": float(scaled.k1.constant_value),
        "lengthscale": scaled.k2.length_scale.tolist(),
        "noise": float(white.noise_level),
    }


def evaluate(case, found):
    """Log marginal likelihood, Rasmussen & Williams (2006), Alg. 2.1, in numpy's long double.

    Deterministic data end where the eigenvalues of K go from 1e8 to 1e-8: in double precision the order of the sums in a
    factorisation decides the tens of the value.
    """
    real = np.longdouble
    Z = np.array(case["X"], dtype=real) / np.array(found["lengthscale"], dtype=real)
    z = np.array(case["y"], dtype=real)
    n = len(z)
    K = np.zeros((n, n), dtype=real)
    for column in Z.T:
        K += np.subtract.outer(column, column) ** 2
    K = real(found["variance"]) * np.exp(-K / 2)
    K[np.diag_indices(n)] += real(found["noise"]) + real(NUGGET)
    log_determinant = real(0)
    for j in range(n):
        K[j:, j] -= K[j:, :j] @ K[j, :j]
        pivot = np.sqrt(K[j, j])
        K[j:, j] /= pivot
        z[j] = (z[j] - K[j, :j] @ z[:j]) / pivot
        log_determinant += 2 * np.log(pivot)
    return float(-(z @ z + log_determinant + n * np.log(2 * real(np.pi))) / 2)


what, first = sys.argv[1:3]
if what == "data":
    with open(sys.argv[4], "w") as file:
        json.dump(make(int(first), int(sys.argv[3])), file)
else:
    with open(first) as file:
        cases = json.load(file)
    if what == "evaluate":
        with open(sys.argv[3]) as file:
            print(json.dumps([evaluate(*pair) for pair in zip(cases, json.load(file))]))
    else:
        print(json.dumps([{"gpy": gpy, "sklearn": sklearn}[what](case, int(sys.argv[3])) for case in cases]))
