"""Trains the example surrogate and writes example.pkl beside this script.

    pip install -r example.requirements.txt
    OPENBLAS_NUM_THREADS=1 python example.train.py

The function has four inputs on [0, 1]:

    y = sin(2 pi x1) + (x2 - 1/2)^2 + exp(-5 x3) + x4 sin(2 pi x4) + x1 x3 / 2

It is computed without noise, so the fit drives the noise variance towards zero.
"""

import pickle
from pathlib import Path

import GPy
import numpy as np


def f(x):
    x1, x2, x3, x4 = x.T
    y = np.sin(2 * np.pi * x1) + (x2 - 0.5) ** 2 + np.exp(-5 * x3)
    y += x4 * np.sin(2 * np.pi * x4) + 0.5 * x1 * x3
    return y[:, None]


np.random.seed(20240)  # GPy draws its restarts from numpy's global generator
X = np.random.uniform(size=(200, 4))

model = GPy.models.GPRegression(X, f(X), GPy.kern.RBF(input_dim=4, ARD=True))
model.optimize_restarts(num_restarts=3, verbose=False)

with open(Path(__file__).with_name("example.pkl"), "wb") as file:
    pickle.dump(model, file)

X_new = np.random.uniform(size=(1000, 4))
mean, variance = model.predict(X_new)
print(model)
print("root mean square error on 1000 new points:", np.sqrt(np.mean((mean - f(X_new)) ** 2)))

x = np.array([[0.51, 0.76, 0.94, 0.72]])
mean, variance = model.predict(x)
print("at", x[0].tolist(), "mean", repr(float(mean.item())), "variance", repr(float(variance.item())), "true", f(x).item())
