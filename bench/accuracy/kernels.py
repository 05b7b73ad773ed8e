"""The kernels of the accuracy study, each in four forms: an mpmath formula, GPy's, scikit-learn's, Kriged's spec.

`mp(x, z)` is evaluated at 50 digits on points of mpf; hyperparameters are doubles and enter exactly. scikit-learn's
form is None where it has no such kernel. Values are chosen so that conversions between conventions are exact.
"""

from dataclasses import dataclass
from typing import Any, Callable

import GPy
import numpy as np
from mpmath import asin, cos, exp, mpf, pi, sin, sqrt
from sklearn.gaussian_process import kernels as sk

# The scale of the outputs is 1e4, so that the 1e-8 which GPy adds to every diagonal lies below cond = 1e16.
VARIANCE = 1e8


@dataclass
class Kernel:
    name: str
    dims: int
    mp: Callable[[list, list], Any]
    gpy: Any
    sklearn: Any
    spec: dict
    white: float = 0.0  # on the diagonal only
    index_column: bool = False  # the last input is an output's index, 0 or 1


def distance(x, z, lengthscale):
    return sqrt(sum(((a - b) / mpf(l)) ** 2 for a, b, l in zip(x, z, lengthscale)))


def leaf(type_, dims, **params):
    return {"type": type_, "dims": list(range(dims)), "params": params}


def stationary(name, dims, lengthscale, of_r, gpy_class, sklearn, extra=None, **gpy_extra):
    """of_r(r) is k / variance; the lengthscale is a power of two times a short number, in all inputs the same."""
    v = mpf(VARIANCE)
    scales = [lengthscale] * dims
    return Kernel(
        name,
        dims,
        lambda x, z: v * of_r(distance(x, z, scales)),
        gpy_class(dims, variance=VARIANCE, lengthscale=lengthscale, **gpy_extra),
        sklearn and sk.ConstantKernel(VARIANCE) * sklearn,
        leaf(name, dims, variance=VARIANCE, lengthscale=lengthscale, **(extra or {})),
    )


def all_kernels(l):
    """Every kernel at lengthscale l."""
    v = mpf(VARIANCE)
    one, half = mpf(1), mpf(1) / 2
    kernels = [
        stationary("rbf", 2, l, lambda r: exp(-r * r / 2), GPy.kern.RBF, sk.RBF(l)),
        stationary("exponential", 2, l, lambda r: exp(-r), GPy.kern.Exponential, sk.Matern(l, nu=0.5)),
        stationary(
            "matern32", 2, l, lambda r: (1 + sqrt(mpf(3)) * r) * exp(-sqrt(mpf(3)) * r), GPy.kern.Matern32, sk.Matern(l, nu=1.5)
        ),
        stationary(
            "matern52",
            2,
            l,
            lambda r: (1 + sqrt(mpf(5)) * r + 5 * r * r / 3) * exp(-sqrt(mpf(5)) * r),
            GPy.kern.Matern52,
            sk.Matern(l, nu=2.5),
        ),
        stationary(
            "ratquad",
            2,
            l,
            lambda r: (1 + r * r / 2) ** -4,
            GPy.kern.RatQuad,
            sk.RationalQuadratic(length_scale=l / 2, alpha=4.0),
            {"power": 4},
            power=4.0,
        ),
        stationary("cosine", 1, l, cos, GPy.kern.Cosine, None),
        stationary(
            "exp-quad-cosine",
            1,
            4 * l,
            lambda r: exp(-2 * pi**2 * r * r) * cos(2 * pi * r / 2),
            GPy.kern.ExpQuadCosine,
            None,
            {"period": 2},
            period=2.0,
        ),
    ]
    scales = [l, 2 * l]
    kernels.append(
        Kernel(
            "rbf, ARD",
            2,
            lambda x, z: v * exp(-distance(x, z, scales) ** 2 / 2),
            GPy.kern.RBF(2, variance=VARIANCE, lengthscale=scales, ARD=True),
            sk.ConstantKernel(VARIANCE) * sk.RBF(scales),
            leaf("rbf", 2, variance=VARIANCE, lengthscale=scales),
        )
    )
    kernels.append(
        Kernel(
            "linear",
            2,
            lambda x, z: v * sum(a * b for a, b in zip(x, z)),
            GPy.kern.Linear(2, variances=VARIANCE),
            sk.ConstantKernel(VARIANCE) * sk.DotProduct(sigma_0=0.0),
            leaf("linear", 2, variances=VARIANCE),
        )
    )
    kernels.append(
        Kernel(
            "poly",
            2,
            lambda x, z: v * (sum(a * b for a, b in zip(x, z)) + 1) ** 3,
            GPy.kern.Poly(2, variance=VARIANCE, scale=1.0, bias=1.0, order=3.0),
            sk.ConstantKernel(VARIANCE) * sk.Exponentiation(sk.DotProduct(sigma_0=1.0), 3),
            leaf("poly", 2, variance=VARIANCE, scale=1, bias=1, order=3),
        )
    )
    kernels.append(
        Kernel(
            "periodic",
            1,
            lambda x, z: v * exp(-half * (sin(pi * (x[0] - z[0]) / mpf(0.75)) / mpf(l)) ** 2),
            GPy.kern.StdPeriodic(1, variance=VARIANCE, period=0.75, lengthscale=l),
            sk.ConstantKernel(VARIANCE) * sk.ExpSineSquared(length_scale=2 * l, periodicity=0.75),
            leaf("periodic", 1, variance=VARIANCE, period=0.75, lengthscale=l),
        )
    )

    def mlp(x, z):
        c = lambda a, b: 2 * sum(p * q for p, q in zip(a, b)) + 1
        return v * 2 / pi * asin(c(x, z) / sqrt((c(x, x) + one) * (c(z, z) + one)))

    kernels.append(
        Kernel(
            "mlp",
            2,
            mlp,
            GPy.kern.MLP(2, variance=VARIANCE, weight_variance=2.0, bias_variance=1.0),
            None,
            leaf("mlp", 2, variance=VARIANCE, weight_variance=2, bias_variance=1),
        )
    )
    kernels.append(
        Kernel(
            "brownian",
            1,
            lambda x, z: v * min(x[0], z[0]),
            GPy.kern.Brownian(1, variance=VARIANCE),
            None,
            leaf("brownian", 1, variance=VARIANCE),
        )
    )
    white = VARIANCE / 4
    kernels.append(
        Kernel(
            "sum: rbf, bias, white",
            2,
            lambda x, z: v * exp(-distance(x, z, [l, l]) ** 2 / 2) + v / 2,
            GPy.kern.RBF(2, variance=VARIANCE, lengthscale=l)
            + GPy.kern.Bias(2, variance=VARIANCE / 2)
            + GPy.kern.White(2, variance=white),
            sk.ConstantKernel(VARIANCE) * sk.RBF(l) + sk.ConstantKernel(VARIANCE / 2) + sk.WhiteKernel(white),
            {
                "type": "sum",
                "parts": [
                    leaf("rbf", 2, variance=VARIANCE, lengthscale=l),
                    leaf("bias", 2, variance=VARIANCE / 2),
                    leaf("white", 2, variance=white),
                ],
            },
            white=white,
        )
    )
    kernels.append(
        Kernel(
            "product: rbf, linear",
            2,
            lambda x, z: v * exp(-distance(x, z, [l, l]) ** 2 / 2) * sum(a * b for a, b in zip(x, z)),
            GPy.kern.RBF(2, variance=VARIANCE, lengthscale=l) * GPy.kern.Linear(2, variances=1.0),
            sk.ConstantKernel(VARIANCE) * sk.RBF(l) * sk.DotProduct(sigma_0=0.0),
            {
                "type": "product",
                "parts": [leaf("rbf", 2, variance=VARIANCE, lengthscale=l), leaf("linear", 2, variances=1)],
            },
        )
    )
    coregionalized = GPy.kern.RBF(1, variance=VARIANCE, lengthscale=l, active_dims=[0]) * GPy.kern.Coregionalize(
        1, output_dim=2, rank=1, W=np.array([[1.0], [0.5]]), kappa=np.array([0.25, 0.5]), active_dims=[1]
    )
    B = [[mpf(1.25), mpf(0.5)], [mpf(0.5), mpf(0.75)]]
    kernels.append(
        Kernel(
            "product: rbf, coregionalize",
            2,
            lambda x, z: v * exp(-distance(x[:1], z[:1], [l]) ** 2 / 2) * B[int(x[1])][int(z[1])],
            coregionalized,
            None,
            {
                "type": "product",
                "parts": [
                    leaf("rbf", 1, variance=VARIANCE, lengthscale=l),
                    {"type": "coregionalize", "dims": [1], "params": {"W": [[1], [0.5]], "kappa": [0.25, 0.5]}},
                ],
            },
            index_column=True,
        )
    )
    return kernels
