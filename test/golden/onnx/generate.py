"""Small ONNX files by the tools that people use, and what the original models predict.

    python -m venv venv && venv/bin/pip install -r requirements.txt && venv/bin/python generate.py
"""
import json
from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper

HERE = Path(__file__).parent
OPSET = 17
rng = np.random.default_rng(3)
X = rng.uniform(-2, 2, (60, 3))
Y = np.column_stack([np.sin(X[:, 0]) + X[:, 1] ** 2, X[:, 1] * X[:, 2]])
X_TEST = rng.uniform(-2, 2, (9, 3))
FLOAT32 = {"absolute": 2e-6, "relative": 2e-6}


def write(name, model, outputs, x=X_TEST, tolerance=FLOAT32, inputs=("x1", "x2", "x3")):
    """`outputs`: name of each column and what the original model says for `x`."""
    (HERE / f"{name}.onnx").write_bytes(model.SerializeToString())
    columns = [np.asarray(values, dtype=float).ravel() for values in outputs.values()]
    expected = {
        "inputs": list(inputs),
        "outputs": list(outputs),
        "X_test": np.asarray(x, dtype=float).tolist(),
        "mean": np.column_stack(columns).tolist(),
        "tolerance": tolerance,
    }
    (HERE / f"{name}.expected.json").write_text(json.dumps(expected) + "\n")


def scikit_learn():
    from skl2onnx import convert_sklearn
    from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType
    from sklearn.ensemble import GradientBoostingRegressor, RandomForestRegressor
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import RBF, WhiteKernel
    from sklearn.linear_model import LogisticRegression
    from sklearn.neural_network import MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    single = [("X", FloatTensorType([None, 3]))]
    double = [("X", DoubleTensorType([None, 3]))]
    x32 = X_TEST.astype(np.float32)

    def convert(model, types, **options):
        return convert_sklearn(model, initial_types=types, target_opset=OPSET, **options)

    def network(y):
        mlp = MLPRegressor(hidden_layer_sizes=(12, 8), activation="tanh", max_iter=600, random_state=0)
        return make_pipeline(StandardScaler(), mlp).fit(X, y)

    one = network(Y[:, 0])
    write("sklearn-mlp", convert(one, single), {"variable": one.predict(x32)})
    # The converter turns the [N, 2] of such a network into [2 N, 1].
    (HERE / "refused-flattened.onnx").write_bytes(convert(network(Y), single).SerializeToString())

    forest = RandomForestRegressor(n_estimators=5, max_depth=4, random_state=0).fit(X, Y[:, 0])
    write("sklearn-forest", convert(forest, single), {"variable": forest.predict(x32)})

    boosting = GradientBoostingRegressor(n_estimators=15, random_state=0).fit(X, Y[:, 0])
    write("sklearn-boosting", convert(boosting, single), {"variable": boosting.predict(x32)})

    gp = GaussianProcessRegressor(RBF(1.3) + WhiteKernel(0.01), random_state=0, optimizer=None).fit(X[:20], Y[:20, 0])
    mean, std = gp.predict(X_TEST, return_std=True)
    model = convert(gp, double, options={GaussianProcessRegressor: {"return_std": True}})
    write("sklearn-gp", model, {"GPmean": mean, "GPcovstd": std}, tolerance={"absolute": 1e-9, "relative": 1e-9})

    labels = (X[:, 0] > 0).astype(int) + 2 * (X[:, 1] > 0)
    classifier = LogisticRegression(max_iter=500).fit(X, labels)
    probability = classifier.predict_proba(x32)
    names = {"label": classifier.predict(x32)}
    names |= {f"probabilities_{k + 1}": probability[:, k] for k in range(4)}
    write("sklearn-classifier", convert(classifier, single, options={"zipmap": False}), names)
    # What a converter does when it is not told otherwise.
    (HERE / "refused-zipmap.onnx").write_bytes(convert(classifier, single).SerializeToString())


def xgboost():
    from onnxmltools import convert_xgboost
    from onnxmltools.convert.common.data_types import FloatTensorType
    from xgboost import XGBRegressor

    model = XGBRegressor(n_estimators=12, max_depth=3, random_state=0).fit(X, Y[:, 0])
    converted = convert_xgboost(model, initial_types=[("X", FloatTensorType([None, 3]))], target_opset=15)
    write("xgboost", converted, {"variable": model.predict(X_TEST.astype(np.float32))})


def graph(nodes, inputs, outputs, initializers=()):
    value = helper.make_tensor_value_info
    made = helper.make_graph(
        nodes,
        "graph",
        [value(*each) for each in inputs],
        [value(*each) for each in outputs],
        [numpy_helper.from_array(array, name) for name, array in initializers],
    )
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=9)


def by_hand():
    node = helper.make_node
    float32, float64, int64 = TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.INT64

    # A network that takes one row at a time.
    W1, b1 = rng.normal(size=(3, 6)), rng.normal(size=6)
    W2, b2 = rng.normal(size=(6, 1)), rng.normal(size=1)
    weights = [(name, a.astype(np.float32)) for name, a in [("W1", W1), ("b1", b1), ("W2", W2), ("b2", b2)]]
    nodes = [node("Gemm", ["x", "W1", "b1"], ["h"]), node("Tanh", ["h"], ["t"]), node("Gemm", ["t", "W2", "b2"], ["y"])]
    network = graph(nodes, [("x", float32, [1, 3])], [("y", float32, [1, 1])], weights)
    write("one-row-network", network, {"y": np.tanh(X_TEST @ W1 + b1) @ W2 + b2})

    # One tensor an input, of different types and shapes; a second output of another type.
    nodes = [
        node("Cast", ["index"], ["i"], to=int64),
        node("Gather", ["table", "i"], ["picked"], axis=0),
        node("Cast", ["flag"], ["f"], to=float64),
        node("Mul", ["speed", "picked"], ["product"]),
        node("Add", ["product", "f"], ["y"]),
        node("Greater", ["y", "zero"], ["positive"]),
    ]
    model = graph(
        nodes,
        [("speed", float64, ["N"]), ("index", TensorProto.INT32, ["N"]), ("flag", TensorProto.BOOL, ["N"])],
        [("y", float64, ["N"]), ("positive", TensorProto.BOOL, ["N"])],
        [("table", np.array([1.5, -2.5, 4.0])), ("zero", np.array(0.0))],
    )
    x = np.column_stack([rng.uniform(-2, 2, 8), rng.integers(0, 3, 8), rng.integers(0, 2, 8)])
    y = x[:, 0] * np.array([1.5, -2.5, 4.0])[x[:, 1].astype(int)] + x[:, 2]
    write(
        "several-inputs",
        model,
        {"y": y, "positive": y > 0},
        x,
        {"absolute": 1e-15, "relative": 1e-15},
        ("speed", "index", "flag"),
    )

    # Three rows at a time, whatever comes.
    model = graph([node("Exp", ["x"], ["y"])], [("x", float64, [3, 2])], [("y", float64, [3, 2])])
    x = X_TEST[:7, :2]
    write(
        "three-rows",
        model,
        {"y_1": np.exp(x[:, 0]), "y_2": np.exp(x[:, 1])},
        x,
        {"absolute": 1e-14, "relative": 1e-14},
        ("x1", "x2"),
    )

    def refuse(name, *arguments):
        (HERE / f"refused-{name}.onnx").write_bytes(graph(*arguments).SerializeToString())

    refuse("image", [node("Relu", ["x"], ["y"])], [("x", float32, ["N", 3, 8, 8])], [("y", float32, ["N", 3, 8, 8])])
    refuse("open-columns", [node("Relu", ["x"], ["y"])], [("x", float32, ["N", "d"])], [("y", float32, ["N", "d"])])
    refuse("string", [node("Identity", ["x"], ["y"])], [("x", TensorProto.STRING, ["N"])], [("y", TensorProto.STRING, ["N"])])
    refuse("float16", [node("Relu", ["x"], ["y"])], [("x", TensorProto.FLOAT16, ["N", 2])], [("y", TensorProto.FLOAT16, ["N", 2])])
    refuse("sum", [node("ReduceSum", ["x"], ["y"], keepdims=0)], [("x", float32, ["N", 2])], [("y", float32, [])])
    custom = graph([node("Mine", ["x"], ["y"], domain="org.example")], [("x", float32, ["N", 2])], [("y", float32, ["N", 2])])
    custom.opset_import.append(helper.make_opsetid("org.example", 1))
    (HERE / "refused-custom-operator.onnx").write_bytes(custom.SerializeToString())

    # Numbers in another file: as an initialiser, and hidden in the attribute of a node within a branch.
    outside = TensorProto(name="W", data_type=float32, dims=[2], data_location=TensorProto.EXTERNAL)
    outside.external_data.add(key="location", value="package.json")
    info = [("x", float32, ["N", 2])], [("y", float32, ["N", 2])]
    model = graph([node("Add", ["x", "W"], ["y"])], *info)
    model.graph.initializer.append(outside)
    (HERE / "refused-external-initializer.onnx").write_bytes(model.SerializeToString())
    branch = helper.make_graph(
        [node("Constant", [], ["c"], value=outside)], "branch", [], [helper.make_tensor_value_info("c", float32, [2])]
    )
    model = graph(
        [node("If", ["yes"], ["w"], then_branch=branch, else_branch=branch), node("Add", ["x", "w"], ["y"])],
        *info,
        [("yes", np.array(True))],
    )
    (HERE / "refused-external-attribute.onnx").write_bytes(model.SerializeToString())


scikit_learn()
xgboost()
by_hand()
