"""Asks a server that has exported models what they predict, and compares with the libraries' own answers.

    python compare.py FOLDER URL        FOLDER holds <name>.safetensors and <name>.expected.json
"""

import json
import sys
import urllib.request
from pathlib import Path

import numpy as np

# Relative to each value, or to a millionth of the column's largest where it is nearer to zero.
TOLERANCE = 1e-8
NO_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def post(url, body):
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with NO_PROXY.open(request) as response:
        return json.load(response)


def main(folder, url):
    worst, files = 0.0, sorted(Path(folder).glob("*.expected.json"))
    for file in files:
        expected = json.loads(file.read_text())
        answer = post(f"{url}/models/{expected['name']}/predict", {"inputs": expected["X_test"]})
        errors = []
        for what in ("mean", "variance"):
            wanted = np.array(expected[what])
            got = np.array(answer[what]).reshape(wanted.shape)
            scale = np.maximum(np.abs(wanted), 1e-6 * np.abs(wanted).max(axis=0))
            errors.append((np.abs(got - wanted) / scale).max())
        print(f"{expected['name']}: {len(wanted)} rows, largest relative difference {errors[0]:.1e} in the mean, {errors[1]:.1e} in the variance")
        worst = max(worst, *errors)
    if not files or not worst <= TOLERANCE:
        sys.exit(f"{len(files)} models; server and library differ by {worst:.1e}, allowed {TOLERANCE:.0e}.")


if __name__ == "__main__":
    main(*sys.argv[1:])
