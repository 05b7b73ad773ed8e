"""Servers that were not written here, for .ci/remote-peers: `remote_peers.py um-bridge PORT`, and, in a folder made by
`remote_peers.py write-mlserver FOLDER PORT`, MLServer. `remote_peers.py compare URL` asks Kriged for their models."""

import json
import math
import pathlib
import sys
import urllib.request

MLSERVER_MODEL = '''
import numpy as np
from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceResponse


class Linear(MLModel):
    async def load(self):
        return True

    async def predict(self, payload):
        X = NumpyCodec.decode_input(payload.inputs[0])
        y = X @ np.array([1.5, -2.0]) + 0.25
        outputs = [NumpyCodec.encode_output("y", y.reshape(-1, 1)), NumpyCodec.encode_output("s", np.sin(X))]
        return InferenceResponse(model_name=self.name, outputs=outputs)
'''


def serve_um_bridge(port):
    import umbridge

    class Forward(umbridge.Model):
        def __init__(self):
            super().__init__("forward")

        def get_input_sizes(self, config):
            return [2, 1]

        def get_output_sizes(self, config):
            return [1, 2]

        def supports_evaluate(self):
            return True

        def supports_gradient(self):
            return True

        def __call__(self, parameters, config):
            (a, b), (c,) = parameters
            return [[config["scale"] * (math.sin(a) + b * c)], [a * b, c**2]]

        def gradient(self, out_wrt, in_wrt, parameters, sens, config):
            (a, b), (c,) = parameters
            s = config["scale"]
            blocks = {
                (0, 0): [[s * math.cos(a), s * c]],
                (0, 1): [[s * b]],
                (1, 0): [[b, a], [0, 0]],
                (1, 1): [[0], [2 * c]],
            }
            J = blocks[out_wrt, in_wrt]
            return [sum(w * row[i] for w, row in zip(sens, J)) for i in range(len(J[0]))]

    umbridge.serve_models([Forward()], port)


def write_mlserver(folder, port):
    folder = pathlib.Path(folder)
    (folder / "linear").mkdir(parents=True)
    (folder / "linear" / "linear_model.py").write_text(MLSERVER_MODEL)
    tensor = lambda name, width: {"name": name, "datatype": "FP64", "shape": [-1, width]}
    settings = {
        "name": "linear",
        "implementation": "linear_model.Linear",
        "inputs": [tensor("x", 2)],
        "outputs": [tensor("s", 2), tensor("y", 1)],
    }
    (folder / "linear" / "model-settings.json").write_text(json.dumps(settings))
    server = {
        "host": "127.0.0.1",
        "http_port": port,
        "grpc_port": port + 1,
        "metrics_port": port + 2,
        "parallel_workers": 0,
    }
    (folder / "settings.json").write_text(json.dumps(server))


def compare(url):
    rows = [[0.1 * i, 2 - 0.05 * i, 3 + 0.2 * i] for i in range(300)]
    answer = ask(f"{url}/models/forward/predict?gradients=true", rows)
    for (a, b, c), mean, gradient in zip(rows, answer["mean"], answer["meanGradient"], strict=True):
        close("UM-Bridge mean", mean, [2 * (math.sin(a) + b * c), a * b, c**2])
        close("UM-Bridge gradient", sum(gradient, []), [2 * math.cos(a), 2 * c, 2 * b, b, a, 0, 0, 0, 2 * c])
    print(f"ok UM-Bridge: {len(rows)} rows with gradients")

    rows = [row[:2] for row in rows] * 10
    answer = ask(f"{url}/models/linear/predict", rows)
    for (a, b), mean in zip(rows, answer["mean"], strict=True):
        close("MLServer mean", mean, [math.sin(a), math.sin(b), 1.5 * a - 2 * b + 0.25])
    print(f"ok MLServer: {len(rows)} rows")


def ask(url, rows):
    request = urllib.request.Request(url, json.dumps(rows).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=120) as response:
        return json.load(response)


def close(what, got, expected):
    if len(got) != len(expected) or not all(math.isclose(g, e, abs_tol=1e-12) for g, e in zip(got, expected)):
        sys.exit(f"{what}: got {got}, expected {expected}")


if __name__ == "__main__":
    task, *arguments = sys.argv[1:]
    if task == "um-bridge":
        serve_um_bridge(int(arguments[0]))
    elif task == "write-mlserver":
        write_mlserver(arguments[0], int(arguments[1]))
    else:
        compare(arguments[0])
