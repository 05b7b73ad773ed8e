"""The Flask + GPy service that Kriged replaces: unpickle, np.array, model.predict, jsonify.

    MODEL=model.pkl gunicorn --workers 2 flask_gpy:app
"""

import io
import os
import pickle

import numpy as np
import pandas as pd
from flask import Flask, Response, jsonify, request

app = Flask(__name__)

with open(os.environ["MODEL"], "rb") as file:
    model = pickle.load(file)

INPUTS = [f"x{i + 1}" for i in range(model.input_dim)]


@app.post("/predict")
def predict():
    if "file" in request.files:
        return answer(read_file(request.files["file"]))
    if request.content_type == "application/x-npy":
        return answer_npy(np.load(io.BytesIO(request.get_data())))
    body = request.get_json()
    if "inputs" in body:
        return answer(np.array(body["inputs"]))
    mean, variance = model.predict(np.array([[body[name] for name in INPUTS]]))
    return jsonify({"mean": float(mean[0, 0]), "variance": float(variance[0, 0])})


def read_file(file):
    if file.filename.endswith(".npy"):
        return np.load(io.BytesIO(file.read()))
    return pd.read_csv(file)[INPUTS].to_numpy()


def answer(X):
    mean, variance = model.predict(X)
    if request.args.get("meanOnly") == "true":  # GPy has no cheaper call for the mean alone
        return jsonify({"mean": mean[:, 0].tolist()})
    return jsonify({"mean": mean[:, 0].tolist(), "variance": variance[:, 0].tolist()})


def answer_npy(X):
    buffer = io.BytesIO()
    np.save(buffer, np.hstack(model.predict(X)))
    return Response(buffer.getvalue(), mimetype="application/x-npy")
