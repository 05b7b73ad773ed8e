"""Writes references, and GPy's and scikit-learn's answers, for the accuracy study: python study.py OUT.json

For every kernel and every condition number 1, 1e2, ... 1e16 of K + noise I: 40 training points in the unit square,
four of them beside another one (at 1/cond, at least 1e-15), lengthscales from 0.25 (cond = 1) to 2.25 (1e16), and a
noise variance of lambda_max / cond, but not less than the 1e-8 that GPy always adds. Ten query points: in between,
beside training points, and outside. Everything that enters is a double and is taken as exact; references are
computed with 50 digits and written as two doubles, high and low part.

A few cases with 300 training points follow, without gradients: they show how errors grow with their number.
"""

import json
import sys
import warnings

import GPy
import mpmath
import numpy as np
from mpmath import mp, mpf
from sklearn.gaussian_process import GaussianProcessRegressor

from kernels import VARIANCE, all_kernels

mp.dps = 50
GPY_NUGGET = 1e-8
N, QUERIES, TWINS = 40, 10, 4
MANY, MANY_KERNELS, MANY_EXPONENTS = 300, ("rbf", "matern52"), (8, 12, 14, 16)
warnings.filterwarnings("ignore")
np.seterr(all="ignore")


def pair(value):
    high = float(value)
    return [high, float(value - mpf(high))]


def pairs(values):
    return [pair(value) for value in values]


def points(kernel, cond, n, random):
    X = random.uniform(0.02, 1, size=(n, kernel.dims))
    X[n - TWINS :] = X[:TWINS] + max(1 / cond, 1e-15) * np.array([1, -1, 1, -1])[:, None] * 0.05
    Xs = random.uniform(0.02, 1, size=(QUERIES, kernel.dims))
    Xs[0] = X[10] + 1e-3
    Xs[1] = X[11] + 1e-6
    Xs[2] = 1.5
    if kernel.index_column:
        X[:, -1] = np.arange(n) % 2
        X[n - TWINS :, -1] = X[:TWINS, -1]
        Xs[:, -1] = np.arange(QUERIES) % 2
    return X, Xs


def outputs(X):
    y = np.sin(3 * X[:, 0]) + (X[:, 0] - 0.5) ** 2 + (0.5 * np.cos(4 * X[:, -1]) if X.shape[1] > 1 else 0)
    return np.sqrt(VARIANCE) * y


def exact(kernel, X, y, Xs, noise, gradients):
    """Mean, latent variance and, if asked for, their gradients by the inputs, at 50 digits, and K + noise I."""
    Xm = [[mpf(v) for v in row] for row in X.tolist()]
    K = [[kernel.mp(Xm[i], Xm[j]) for j in range(i + 1)] for i in range(len(Xm))]
    for i, row in enumerate(K):
        row[i] += mpf(noise) + mpf(GPY_NUGGET) + mpf(kernel.white)
    L = cholesky(K)
    alpha = backward(L, forward(L, [mpf(v) for v in y.tolist()]))
    mean, variance, mean_gradient, variance_gradient = [], [], [], []
    for x in ([mpf(v) for v in row] for row in Xs.tolist()):
        k = [kernel.mp(z, x) for z in Xm]
        v = forward(L, k)
        mean.append(mpmath.fdot(k, alpha))
        variance.append(kernel.mp(x, x) + mpf(kernel.white) - mpmath.fdot(v, v))
        w = backward(L, v) if gradients else None
        for q in range(kernel.dims if gradients else 0):
            if kernel.index_column and q == kernel.dims - 1:
                mean_gradient.append(mpf(0))
                variance_gradient.append(mpf(0))
                continue
            along = lambda t, z: kernel.mp(z, [*x[:q], t, *x[q + 1 :]])
            dk = [mpmath.diff(lambda t: along(t, z), x[q]) for z in Xm]
            both = lambda t: [*x[:q], t, *x[q + 1 :]]
            mean_gradient.append(mpmath.fdot(dk, alpha))
            own = mpmath.diff(lambda t: kernel.mp(both(t), both(t)), x[q])
            variance_gradient.append(own - 2 * mpmath.fdot(dk, w))
    answers = {"mean": pairs(mean), "variance": pairs(variance)}
    if gradients:
        answers |= {"meanGradient": pairs(mean_gradient), "varianceGradient": pairs(variance_gradient)}
    return answers, K


def condition_number(K):
    n = len(K)
    eigenvalues = mpmath.eigsy(
        mpmath.matrix([[K[max(i, j)][min(i, j)] for j in range(n)] for i in range(n)]), eigvals_only=True
    )
    return float(max(eigenvalues) / min(eigenvalues))


def cholesky(K):
    """Rows of the lower factor, of rows of the lower triangle."""
    L = []
    for row in K:
        new = []
        for j, other in enumerate(L):
            new.append((row[j] - mpmath.fdot(new, other[:j])) / other[j])
        new.append(mpmath.sqrt(row[-1] - mpmath.fdot(new, new)))
        L.append(new)
    return L


def forward(L, b):
    x = []
    for row, value in zip(L, b):
        x.append((value - mpmath.fdot(row[:-1], x)) / row[-1])
    return x


def backward(L, b):
    x = list(b)
    for row in reversed(L):
        i = len(row) - 1
        x[i] /= row[i]
        for j in range(i):
            x[j] -= row[j] * x[i]
    return x


def by_gpy(kernel, X, y, Xs, noise):
    model = GPy.models.GPRegression(X, y[:, None], kernel.gpy, noise_var=noise)
    mean, variance = model.predict(Xs, include_likelihood=False)
    L = np.asarray(model.posterior.woodbury_chol)
    K = kernel.gpy.K(X)
    jitter = float(np.mean(np.einsum("ij,ij->i", L, L) - np.diag(K) - noise - GPY_NUGGET))
    answers = {"mean": mean[:, 0].tolist(), "variance": variance[:, 0].tolist()}
    try:
        dmean, dvariance = model.predictive_gradients(Xs)
        answers["meanGradient"] = dmean[:, :, 0].ravel().tolist()
        answers["varianceGradient"] = dvariance.ravel().tolist()
    except NotImplementedError:
        pass
    posterior = {"L": L.ravel().tolist(), "alpha": np.asarray(model.posterior.woodbury_vector)[:, 0].tolist()}
    return answers, posterior, jitter > 1e-9 * VARIANCE


def by_sklearn(kernel, X, y, Xs, noise):
    if kernel.sklearn is None:
        return None
    try:
        model = GaussianProcessRegressor(kernel.sklearn, alpha=noise + GPY_NUGGET, optimizer=None).fit(X, y)
        mean, std = model.predict(Xs, return_std=True)
        return {"mean": mean.tolist(), "variance": (std**2).tolist()}
    except np.linalg.LinAlgError:
        return "fails"


def kernel_values(kernel, random):
    """Errors of k itself over pairs of points from 1e-15 to 3 apart, relative to sqrt(k(x,x) k(z,z))."""
    X = random.uniform(0.02, 1, size=(96, kernel.dims))
    steps = 10.0 ** random.uniform(-15, 0.5, size=(96, 1)) * random.uniform(0, 1, size=(96, kernel.dims))
    Z = X + steps
    if kernel.index_column:
        X[:, -1], Z[:, -1] = np.arange(96) % 2, np.arange(96) // 2 % 2
    reference, scale = [], []
    for x, z in zip(X.tolist(), Z.tolist()):
        x, z = [mpf(v) for v in x], [mpf(v) for v in z]
        reference.append(kernel.mp(x, z))
        scale.append(float(mpmath.sqrt(kernel.mp(x, x) * kernel.mp(z, z))))
    gpy = np.diag(kernel.gpy.K(X, Z)).tolist()
    theirs = None if kernel.sklearn is None else np.diag(kernel.sklearn(X, Z)).tolist()
    answers = {"reference": pairs(reference), "scale": scale, "gpy": gpy, "sklearn": theirs}
    return {"kernel": kernel.name, "spec": kernel.spec, "X": X.tolist(), "Z": Z.tolist(), **answers}


def case(kernel, cond, n, random):
    X, Xs = points(kernel, cond, n, random)
    y = outputs(X)
    largest = float(np.linalg.eigvalsh(kernel.gpy.K(X))[-1])
    noise = max(10 * largest if cond == 1 else largest / cond - GPY_NUGGET, 1e-9)
    reference, K = exact(kernel, X, y, Xs, noise, gradients=n == N)
    gpy, posterior, jittered = by_gpy(kernel, X, y, Xs, noise)
    return {
        "kernel": kernel.name,
        "cond": cond,
        "reachedCond": condition_number(K) if n == N else cond,
        "spec": kernel.spec,
        "X": X.tolist(),
        "y": y.tolist(),
        "noise": noise,
        "Xs": Xs.tolist(),
        "reference": reference,
        "gpy": gpy,
        "gpyJitter": jittered,
        "gpyPosterior": posterior,
        "sklearn": by_sklearn(kernel, X, y, Xs, noise),
    }


def lengthscale(exponent):
    return 0.25 + exponent / 8


random = np.random.default_rng(7)
values = [kernel_values(kernel, random) for kernel in all_kernels(0.5)]
cases, many = [], []
for exponent in range(0, 17, 2):
    for kernel in all_kernels(lengthscale(exponent)):
        cases.append(case(kernel, 10.0**exponent, N, random))
    print(f"accuracy: cond = 1e{exponent} done", file=sys.stderr)
for exponent in MANY_EXPONENTS:
    for kernel in all_kernels(lengthscale(exponent)):
        if kernel.name in MANY_KERNELS:
            many.append(case(kernel, 10.0**exponent, MANY, random))
    print(f"accuracy: {MANY} points, cond = 1e{exponent} done", file=sys.stderr)
with open(sys.argv[1], "w") as file:
    json.dump({"values": values, "cases": cases, "many": many}, file)
