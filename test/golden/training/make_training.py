"""Writes training.parquet, training.npz and training.json: data, and the maximum of the marginal likelihood that
scikit-learn and GPy find for them. Needs numpy, scikit-learn, GPy and pyarrow.

    python make_training.py
"""

import json

import GPy
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import sklearn
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel

rng = np.random.default_rng(20)
X = rng.random((40, 2)) * [1.0, 5.0]
y = np.sin(5 * X[:, 0]) + 0.3 * X[:, 1] + 0.05 * rng.standard_normal(40)

kernel = ConstantKernel(1.0, (1e-4, 1e4)) * RBF([0.5, 2.0], (1e-3, 1e4)) + WhiteKernel(0.01, (1e-8, 1e2))
regressor = GaussianProcessRegressor(kernel, normalize_y=True, n_restarts_optimizer=8, alpha=1e-8, random_state=0)
regressor.fit(X, y)

np.random.seed(0)
model = GPy.models.GPRegression(X, y[:, None], GPy.kern.RBF(2, ARD=True), normalizer=True)
model.optimize_restarts(5, verbose=False)

query = np.array([[0.2, 1.0], [0.7, 4.0], [0.5, 2.5]])
mean, variance = model.predict(query)
json.dump(
    {
        "versions": {"scikit-learn": sklearn.__version__, "GPy": GPy.__version__},
        "X": X.tolist(),
        "y": y.tolist(),
        "scikitLearn": {"logMarginalLikelihood": float(regressor.log_marginal_likelihood_value_)},
        "GPy": {"logMarginalLikelihood": float(model.log_likelihood())},
        "lengthscales": model.rbf.lengthscale.values.tolist(),
        "query": query.tolist(),
        "mean": mean[:, 0].tolist(),
        "variance": variance[:, 0].tolist(),
    },
    open("training.json", "w"),
    indent=1,
)
np.savez("training.npz", X=X, y=y)
table = pa.table({"a": X[:, 0], "b": X[:, 1], "y": y})
pq.write_table(table, "training.parquet", compression="snappy")
pq.write_table(table, "training-zstd.parquet", compression="zstd", row_group_size=16)
pq.write_table(pa.table({"a": ["u", "v"], "y": [1.0, 2.0]}), "training-text.parquet")
pq.write_table(pa.table({"a": pa.array([0.5, None, 1.0]), "y": [1.0, 2.0, float("nan")]}), "training-missing.parquet")
