"""FastAPI + scikit-learn, written to be fast: no thread hop, bulk data validated by pydantic's compiled core.

    MODEL=sklearn.joblib uvicorn --workers 2 fastapi_sklearn:app
"""

import io
import os

import joblib
import numpy as np
import pandas as pd
from fastapi import FastAPI, Request, Response, UploadFile
from fastapi.responses import JSONResponse
from pydantic import BaseModel

app = FastAPI()
model = joblib.load(os.environ["MODEL"])
INPUTS = ["x1", "x2", "x3", "x4"]


class Row(BaseModel):
    x1: float
    x2: float
    x3: float
    x4: float


class Rows(BaseModel):
    inputs: list[list[float]]


def moments(X):
    mean, std = model.predict(X, return_std=True)
    return mean, std**2 + model.noise_variance


def answer(X, mean_only=False):
    if mean_only:
        return JSONResponse({"mean": model.predict(X).tolist()})
    mean, variance = moments(X)
    return JSONResponse({"mean": mean.tolist(), "variance": variance.tolist()})


@app.post("/predict")
async def predict(row: Row):
    mean, variance = moments(np.array([[row.x1, row.x2, row.x3, row.x4]]))
    return JSONResponse({"mean": float(mean[0]), "variance": float(variance[0])})


@app.post("/predict-rows")
async def predict_rows(rows: Rows, meanOnly: bool = False):
    return answer(np.array(rows.inputs), meanOnly)


@app.post("/predict-file")
async def predict_file(file: UploadFile):
    data = io.BytesIO(await file.read())
    return answer(np.load(data) if file.filename.endswith(".npy") else pd.read_csv(data)[INPUTS].to_numpy())


@app.post("/predict-npy")
async def predict_npy(request: Request):
    buffer = io.BytesIO()
    np.save(buffer, np.column_stack(moments(np.load(io.BytesIO(await request.body())))))
    return Response(buffer.getvalue(), media_type="application/x-npy")
