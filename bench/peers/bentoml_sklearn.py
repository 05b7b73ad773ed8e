"""BentoML + scikit-learn, with its access log, metrics and usage tracking off.

    MODEL=sklearn.joblib WORKERS=2 bentoml serve bentoml_sklearn:Surrogate
"""

import os

import bentoml
import joblib
import numpy as np


@bentoml.service(
    workers=int(os.environ.get("WORKERS", "2")),
    traffic={"timeout": 120},
    metrics={"enabled": False},
    logging={"access": {"enabled": False}},
)
class Surrogate:
    def __init__(self) -> None:
        self.model = joblib.load(os.environ["MODEL"])

    def moments(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        mean, std = self.model.predict(X, return_std=True)
        return mean, std**2 + self.model.noise_variance

    @bentoml.api
    def predict(self, x1: float, x2: float, x3: float, x4: float) -> dict:
        mean, variance = self.moments(np.array([[x1, x2, x3, x4]]))
        return {"mean": float(mean[0]), "variance": float(variance[0])}

    @bentoml.api
    def predict_rows(self, inputs: list[list[float]]) -> dict:
        mean, variance = self.moments(np.array(inputs))
        return {"mean": mean.tolist(), "variance": variance.tolist()}
