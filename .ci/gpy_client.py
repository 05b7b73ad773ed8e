"""Trains fresh GPy models, and asks a server that has their pickles what they predict.

    python gpy_client.py train FOLDER          writes FOLDER/<name>.pkl and FOLDER/<name>.csv (GPy's own answers)
    python gpy_client.py compare FOLDER URL    asks the server for the same, as its users would
"""

import io
import pickle
import sys
from pathlib import Path

import numpy as np
import requests

TOLERANCE = 1e-9
COLUMNS = ["mean", "variance", "latent_variance", "quantile_2.5", "quantile_97.5"]


def models(random):
    import GPy

    X = random.uniform(-1, 1, (120, 3))
    y = np.sin(3 * X[:, :1]) + X[:, 1:2] ** 2 - X[:, 2:] + 0.05 * random.standard_normal((120, 1))
    kern = GPy.kern
    yield "ard", GPy.models.GPRegression(X, y, kern.RBF(3, ARD=True))
    yield "sum", GPy.models.GPRegression(X, y, kern.Matern52(3) + kern.Linear(3) * kern.Bias(3), normalizer=True)
    yield "sparse", GPy.models.SparseGPRegression(X, y, kern.Matern32(3), num_inducing=20)


def train(folder):
    folder.mkdir(parents=True)
    random = np.random.default_rng(7)
    np.random.seed(7)  # GPy draws from numpy's global generator
    for name, model in models(random):
        model.optimize(max_iters=60)
        with open(folder / f"{name}.pkl", "wb") as file:
            pickle.dump(model, file)
        X = random.uniform(-1.2, 1.2, (50, 3))
        mean, variance = model.predict(X)
        latent = model.predict(X, include_likelihood=False)[1]
        low, high = model.predict_quantiles(X, quantiles=(2.5, 97.5))
        table = np.hstack([X, mean, variance, latent, low, high])
        np.savetxt(folder / f"{name}.csv", table, delimiter=",", fmt="%.17g", header=",".join(COLUMNS))


def compare(folder, url):
    worst = 0.0
    for path in sorted(folder.glob("*.pkl")):
        table = np.loadtxt(path.with_suffix(".csv"), delimiter=",")
        X, expected = table[:, :3], table[:, 3:]
        for way, answer in answers(f"{url}/models/{path.stem}/predict", X):
            wanted = expected[: len(answer), : answer.shape[1]]
            error = (np.abs(answer - wanted) / np.abs(expected).max(axis=0)[: answer.shape[1]]).max()
            print(f"{path.stem}, {way}: {len(answer)} rows, largest difference relative to the column's largest value {error:.1e}")
            worst = max(worst, error)
    if not worst <= TOLERANCE:
        sys.exit(f"The server and GPy differ by {worst:.1e}, more than {TOLERANCE:.0e}.")


def answers(url, X):
    """The predictions for X under each form of request, columns as in COLUMNS."""
    http = requests.Session()
    http.trust_env = False  # no proxy between here and the loopback
    options = {"latentVariance": "true", "quantiles": "2.5,97.5"}

    row = dict(zip(["x1", "x2", "x3"], X[0].tolist()))
    body = ok(http.post(url, json=row)).json()
    yield "one JSON object", np.array([[body["mean"], body["variance"]]])

    body = ok(http.post(url, json={"inputs": X.tolist(), "options": {"latentVariance": True, "quantiles": [2.5, 97.5]}})).json()
    quantiles = body["quantiles"]
    yield "JSON", np.array([body["mean"], body["variance"], body["latentVariance"], quantiles["2.5"], quantiles["97.5"]]).T

    file = io.BytesIO()
    np.save(file, X)
    headers = {"Content-Type": "application/x-npy", "Accept": "application/x-npy"}
    yield "npy", np.load(io.BytesIO(ok(http.post(url, params=options, data=file.getvalue(), headers=headers)).content))

    text = "x1,x2,x3\n" + "\n".join(",".join(map(repr, row)) for row in X.tolist())
    response = ok(http.post(url, params=options, files={"file": ("input.csv", text)}, headers={"Accept": "text/csv"}))
    head, *lines = response.text.split()
    if head.split(",") != COLUMNS:
        sys.exit(f"The CSV's columns are {head}.")
    yield "CSV file", np.array([line.split(",") for line in lines], dtype=float)


def ok(response):
    if response.status_code != 200:
        sys.exit(f"{response.status_code}: {response.text[:500]}")
    return response


if __name__ == "__main__":
    command, folder, *rest = sys.argv[1:]
    {"train": train, "compare": compare}[command](Path(folder), *rest)
