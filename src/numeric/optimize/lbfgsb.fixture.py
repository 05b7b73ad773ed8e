"""Minima and numbers of evaluations of scipy's L-BFGS-B: python lbfgsb.fixture.py > lbfgsb.fixture.json

The functions are those of lbfgsb.spec.ts, by name.
"""

import json

import numpy as np
import scipy
from scipy.optimize import minimize


def rosenbrock(x):
    return sum(100 * (x[i + 1] - x[i] ** 2) ** 2 + (1 - x[i]) ** 2 for i in range(len(x) - 1))


def beale(x):
    return sum((c - x[0] * (1 - x[1] ** (k + 1))) ** 2 for k, c in enumerate((1.5, 2.25, 2.625)))


def quadratic(x):
    """Condition number 1e4."""
    n = len(x)
    return sum(10 ** (4 * i / (n - 1)) * (x[i] - 1) ** 2 for i in range(n)) / 2


def booth(x):
    return (x[0] + 2 * x[1] - 7) ** 2 + (2 * x[0] + x[1] - 5) ** 2


def powell(x):
    return (
        (x[0] + 10 * x[1]) ** 2 + 5 * (x[2] - x[3]) ** 2 + (x[1] - 2 * x[2]) ** 4 + 10 * (x[0] - x[3]) ** 4
    )


def logarithms(x):
    """Not a number outside x > 0, which the first steps leave."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return sum(x[i] - (i + 1) * np.log(x[i]) for i in range(len(x)))


def gradient(f):
    """Central differences in complex arithmetic: exact to rounding."""

    def derivative(x):
        out = np.empty(len(x))
        for i in range(len(x)):
            z = np.array(x, dtype=complex)
            z[i] += 1e-30j
            out[i] = np.imag(f(z)) / 1e-30
        return out

    return derivative


INF = 1e300
CASES = [
    ("rosenbrock", rosenbrock, [-1.2, 1], None),
    ("rosenbrock", rosenbrock, [-1.2, 1] * 5, None),
    ("rosenbrock", rosenbrock, [-1.2, 1], ([-2, -2], [0.5, 2])),
    ("rosenbrock", rosenbrock, [3, 3, 3], ([1.5, -INF, -INF], [INF, 2, INF])),
    ("rosenbrock", rosenbrock, [0.1] * 40, ([-1] * 40, [0.7] * 40)),
    ("beale", beale, [1, 1], None),
    ("beale", beale, [1, 1], ([-4.5, -4.5], [2.5, 4.5])),
    ("quadratic", quadratic, [-3] * 12, None),
    ("quadratic", quadratic, [5] * 30, ([2] * 15 + [-INF] * 15, [INF] * 30)),
    ("booth", booth, [0, 0], ([-10, -10], [0.5, 10])),
    ("powell", powell, [3, -1, 0, 1], None),
    ("logarithms", logarithms, [30, 0.1, 5], ([1e-6] * 3, [1e3] * 3)),
]

cases = []
for name, f, start, bounds in CASES:
    lower, upper = bounds or ([-INF] * len(start), [INF] * len(start))
    limits = [(None if l == -INF else l, None if u == INF else u) for l, u in zip(lower, upper)]
    found = minimize(f, start, jac=gradient(f), method="L-BFGS-B", bounds=limits, options={"maxiter": 1000})
    exact = minimize(
        f, start, jac=gradient(f), method="L-BFGS-B", bounds=limits, options={"ftol": 0, "gtol": 1e-12}
    )
    cases.append(
        {
            "name": name,
            "start": start,
            "lower": lower,
            "upper": upper,
            "evaluations": found.nfev,
            "value": float(found.fun),
            "x": exact.x.tolist(),
            "minimum": float(exact.fun),
        }
    )
print(json.dumps({"scipy": scipy.__version__, "cases": cases}, indent=1))
