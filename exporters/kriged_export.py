"""Writes a trained Gaussian process as a file that Kriged serves (docs/formats.md). One file, to be copied anywhere.

    from kriged_export import export
    export(model, "wing.safetensors", inputs=["angle", "mach"], outputs=["lift"])

    python kriged_export.py model.pkl wing.safetensors      # a pickle of yours: it is loaded, so it is executed

`model` may be

    GPy           GPRegression, SparseGPRegression and what else of GPy Kriged reads
    scikit-learn  GaussianProcessRegressor, also last in a Pipeline after StandardScaler, MinMaxScaler, ...
    GPyTorch      ExactGP with a GaussianLikelihood or FixedNoiseGaussianLikelihood
    BoTorch       SingleTaskGP with one output, Normalize, InputStandardize, Standardize
    GPflow        GPR, SGPR

The file holds the posterior (training points, weights, Cholesky factor) in double precision, and predictions of the
library itself at a few points (`checks`), which Kriged reproduces before it serves the model. The model is not
changed: PyTorch models are copied, and evaluated in double precision.

Needs numpy, and the library that the model is of. What cannot be expressed raises UnsupportedModel, and says why.
"""

import argparse
import copy
import hashlib
import json
import struct
from datetime import datetime, timezone
from importlib import metadata
from math import pi, sqrt

import numpy as np

EXPORTER = "kriged_export 1"
CHECKS = 8


class UnsupportedModel(ValueError):
    """The model holds something that the file, or Kriged, has no counterpart of."""


def export(model, path, inputs=None, outputs=None, checks=CHECKS, created=None, source=None):
    """Writes `model` to `path` (.safetensors) and returns the path.

    inputs, outputs: names, or dicts of name, unit, lower, upper; x1, x2, ... and y, y1, ... where they are left out
    checks: how many predictions of the library are stored, to be reproduced when the file is loaded
    created: ISO 8601 time for the provenance; the present where it is left out, "" for none
    source: path of the file that the model came from, whose SHA-256 is noted
    """
    parts = _take_apart(model)
    gp = parts["gp"]
    d, p = gp["points"].shape[1], gp["alpha"].shape[1]
    document = {
        "format": "kriged",
        "version": 1,
        "kind": "gpr",
        "source": type(model).__name__ if "source" not in parts else parts["source"],
        "kernel": gp["kernel"],
        "noise": gp["noise"],
        "jitter": gp.get("jitter"),
        "mean": gp.get("mean"),
        "outputNorm": gp.get("outputNorm"),
        "inputTransform": gp.get("inputTransform"),
        "inputs": _variables(inputs, d, "x"),
        "outputs": _variables(outputs, p, "y"),
        "variance": "latent" if gp["noise"]["type"] == "heteroscedastic" else "observed",
        "trainingPoints": parts["trainingPoints"],
        "warnings": [],
        "provenance": _provenance(parts["packages"], created, source),
        "checks": _checks(parts, checks),
    }
    sparse = "W" in gp
    tensors = {"Z" if sparse else "X": gp["points"]}
    if gp.get("y") is not None and not sparse:
        tensors["y"] = gp["y"]
    tensors["alpha"] = gp["alpha"]
    tensors["W" if sparse else "L"] = gp["W"] if sparse else np.tril(gp["L"])
    tensors.update(gp.get("slopes", {}))
    _write(path, document, tensors)
    return path


# --- the file -------------------------------------------------------------------------------------------------------


def _write(path, document, tensors):
    """safetensors: 8 bytes of length, a JSON header padded to a multiple of 8, and the numbers."""
    header, data, at, digests = {}, [], 0, {}
    for name, array in tensors.items():
        array = np.ascontiguousarray(array, dtype="<f8")
        if not np.isfinite(array).all():
            raise UnsupportedModel(f"{name} holds NaN or infinity")
        blob = array.tobytes()
        header[name] = {"dtype": "F64", "shape": list(array.shape), "data_offsets": [at, at + len(blob)]}
        digests[name] = hashlib.sha256(blob).hexdigest()
        at += len(blob)
        data.append(blob)
    document = {name: value for name, value in document.items() if value is not None}
    document["sha256"] = digests
    text = json.dumps(_plain(document), allow_nan=False, separators=(",", ":"))
    head = json.dumps({"__metadata__": {"kriged": text}, **header}, separators=(",", ":")).encode()
    head += b" " * (-len(head) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(head)) + head + b"".join(data))


def _plain(value):
    """numpy's numbers and arrays as those of Python."""
    if isinstance(value, dict):
        return {str(name): _plain(member) for name, member in value.items() if member is not None}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, np.generic):
        return value.item()
    return value


def _variables(given, count, letter):
    if given is None:
        given = [letter] if letter == "y" and count == 1 else [f"{letter}{i + 1}" for i in range(count)]
    given = [{"name": item} if isinstance(item, str) else dict(item) for item in given]
    if len(given) != count:
        raise ValueError(f"{len(given)} names for {count} columns")
    return given


def _provenance(packages, created, source):
    versions = {}
    for package in [*packages, "numpy"]:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            pass
    if created is None:
        created = datetime.now(timezone.utc).isoformat(timespec="seconds")
    digest = None
    if source is not None:
        with open(source, "rb") as file:
            digest = hashlib.sha256(file.read()).hexdigest()
    return {
        "library": packages[0],
        "versions": versions,
        "sourceFormat": "pickle" if source is not None else "model in memory",
        "sourceSha256": digest,
        "exporter": EXPORTER,
        "created": created or None,
    }


def _checks(parts, count):
    """What the library itself predicts between its training points and a little outside."""
    gp, X = parts["gp"], parts["X"]
    random = np.random.default_rng(0)
    i, j = random.integers(len(X), size=(2, count))
    points = X[i] + random.uniform(-0.2, 0.7, (count, 1)) * (X[j] - X[i])
    for dim in _index_dims(gp):
        points[:, dim] = X[i, dim]
    mean, variance = (np.asarray(values, dtype=float) for values in parts["predict"](points))
    std = np.max(gp["outputNorm"]["std"]) if gp.get("outputNorm") else 1.0
    prior = float(np.max(parts["prior"]) * std**2)
    scale = max(float(np.ptp(mean)) if count > 1 else 0.0, sqrt(prior))
    tolerance = {"mean": 1e-7 * scale, "variance": 1e-7 * prior}
    mean = mean.reshape(count, -1)
    variance = np.broadcast_to(variance.reshape(count, -1), mean.shape)
    rows = zip(points, mean, variance)
    return [{"x": x, "mean": m, "variance": v, "tolerance": tolerance} for x, m, v in rows]


def _index_dims(gp):
    def leaves(kernel):
        return [leaf for part in kernel["parts"] for leaf in leaves(part)] if "parts" in kernel else [kernel]

    return {leaf["dims"][0] for leaf in leaves(gp["kernel"]) if leaf["type"] == "coregionalize"}


# --- kernels --------------------------------------------------------------------------------------------------------


def _leaf(type, dims, **params):
    return {"type": type, "dims": [int(dim) for dim in dims], "params": {k: _values(v) for k, v in params.items()}}


def _values(value):
    """One number, or a list of several."""
    value = np.asarray(value, dtype=float)
    return float(value.reshape(-1)[0]) if value.size == 1 and value.ndim < 2 else value.tolist()


def _combine(type, parts):
    return parts[0] if len(parts) == 1 else {"type": type, "parts": parts}


# The parameter of a kernel that a factor in front of it multiplies.
_FACTORS = {"linear": "variances"}


def _scaled(kernel, factor):
    """factor * kernel, inside the kernel where that can be."""
    factor = float(factor)
    if kernel["type"] == "sum":
        return {"type": "sum", "parts": [_scaled(part, factor) for part in kernel["parts"]]}
    if kernel["type"] == "product":
        return {"type": "product", "parts": [_scaled(kernel["parts"][0], factor), *kernel["parts"][1:]]}
    if kernel["type"] == "coregionalize":
        W = (np.asarray(kernel["params"]["W"]) * sqrt(factor)).tolist()
        kappa = (np.atleast_1d(kernel["params"]["kappa"]) * factor).tolist()
        return {**kernel, "params": {"W": W, "kappa": kappa}}
    name = _FACTORS.get(kernel["type"], "variance")
    params = {**kernel["params"], name: _values(np.asarray(kernel["params"][name]) * factor)}
    return {**kernel, "params": params}


def _product(parts):
    """Constant factors go into the other ones."""
    constants = [part for part in parts if part["type"] == "bias"]
    others = [part for part in parts if part["type"] != "bias"]
    if not others:
        return _scaled(constants[0], np.prod([part["params"]["variance"] for part in constants[1:]]))
    product = _combine("product", others)
    return _scaled(product, np.prod([part["params"]["variance"] for part in constants])) if constants else product


def _power(kernel, exponent):
    if exponent != int(exponent) or not 1 <= exponent <= 16:
        raise UnsupportedModel(f"a kernel to the power of {exponent}, only of a whole number up to 16")
    return _product([kernel] * int(exponent))


# --- recognising ----------------------------------------------------------------------------------------------------


def _take_apart(model):
    libraries = {cls.__module__.split(".")[0] for cls in type(model).__mro__}
    for library, reader in _READERS.items():
        if library in libraries:
            return reader(model)
    known = ", ".join(_READERS)
    raise UnsupportedModel(f"{type(model).__module__}.{type(model).__name__} is of none of {known}")


def _class(value):
    return type(value).__name__


# --- GPy ------------------------------------------------------------------------------------------------------------


def _from_gpy(model):
    sparse = hasattr(model, "Z")
    X = np.array(model.X, dtype=float)
    Y = np.array(model.Y_normalized, dtype=float)
    kernel = _gpy_kernel(model.kern, None, X.shape[1])
    slopes = {}
    gp = {
        "kernel": kernel,
        "points": np.array(model.Z if sparse else X, dtype=float),
        "y": Y,
        "alpha": np.array(model.posterior.woodbury_vector, dtype=float),
        "noise": _gpy_noise(model.likelihood, kernel),
        "mean": _gpy_mean(model.mean_function, slopes) if model.mean_function is not None else None,
        "outputNorm": _gpy_normaliser(model.normalizer),
        "slopes": slopes,
    }
    if gp["alpha"].ndim == 1:
        gp["alpha"] = gp["alpha"][:, None]
    if sparse:
        gp["W"] = _one_posterior(model.posterior.woodbury_inv)
    else:
        gp["L"] = _one_posterior(model.posterior.woodbury_chol)
        if gp["noise"]["type"] == "gaussian":
            # GPy notes neither its nugget of 1e-8 nor what else it had to add.
            diagonal = (np.tril(gp["L"]) ** 2).sum(axis=1) - model.kern.Kdiag(X) - gp["noise"]["variance"]
            gp["jitter"] = max(float(np.mean(diagonal)), 0.0)

    def predict(points):
        if gp["noise"]["type"] == "heteroscedastic":
            return model.predict(points, include_likelihood=False)
        if gp["noise"]["type"] == "by-index":
            index = points[:, gp["noise"]["dim"]].astype(int)[:, None]
            return model.predict(points, Y_metadata={"output_index": index})
        return model.predict(points)

    return {
        "gp": gp,
        "X": X,
        "trainingPoints": len(X),
        "prior": model.kern.Kdiag(X),
        "packages": ["GPy", "paramz", "scipy"],
        "predict": predict,
    }


def _one_posterior(matrix):
    matrix = np.array(matrix, dtype=float)
    if matrix.ndim == 3 and matrix.shape[2] == 1:
        return matrix[:, :, 0]
    if matrix.ndim == 3:
        raise UnsupportedModel("missing data in some outputs (a posterior an output)")
    return matrix


def _gpy_kernel(kernel, columns, d):
    name = _class(kernel)
    own = getattr(kernel, "_all_dims_active", None)
    own = list(range(d)) if own is None else np.arange(10**6)[own].tolist() if isinstance(own, slice) else list(own)
    # Each level cuts its columns out of those that the one above passes on.
    columns = [int(dim) for dim in own] if columns is None else [columns[dim] for dim in own]
    if name in ("Add", "Prod"):
        parts = [_gpy_kernel(part, columns, d) for part in kernel.parts]
        return _combine("sum" if name == "Add" else "product", parts)
    if name not in _GPY_KERNELS:
        raise UnsupportedModel(f"the GPy kernel {name}")
    type, params = _GPY_KERNELS[name]
    values = {ours: np.array(getattr(kernel, theirs), dtype=float) for ours, theirs in params.items()}
    if type == "coregionalize":
        values["kappa"] = values["kappa"].reshape(-1)
        return {"type": type, "dims": columns, "params": {key: value.tolist() for key, value in values.items()}}
    return _leaf(type, columns, **values)


_GPY_STATIONARY = {"variance": "variance", "lengthscale": "lengthscale"}
_GPY_KERNELS = {
    "RBF": ("rbf", _GPY_STATIONARY),
    "ExpQuad": ("rbf", _GPY_STATIONARY),
    "Exponential": ("exponential", _GPY_STATIONARY),
    "OU": ("exponential", _GPY_STATIONARY),
    "Matern32": ("matern32", _GPY_STATIONARY),
    "Matern52": ("matern52", _GPY_STATIONARY),
    "RatQuad": ("ratquad", {**_GPY_STATIONARY, "power": "power"}),
    "Cosine": ("cosine", _GPY_STATIONARY),
    "ExpQuadCosine": ("exp-quad-cosine", {**_GPY_STATIONARY, "period": "period"}),
    "Linear": ("linear", {"variances": "variances"}),
    "Bias": ("bias", {"variance": "variance"}),
    "White": ("white", {"variance": "variance"}),
    "Poly": ("poly", {"variance": "variance", "scale": "scale", "bias": "bias", "order": "order"}),
    "StdPeriodic": ("periodic", {"variance": "variance", "period": "period", "lengthscale": "lengthscale"}),
    "MLP": (
        "mlp",
        {"variance": "variance", "weight_variance": "weight_variance", "bias_variance": "bias_variance"},
    ),
    "Brownian": ("brownian", {"variance": "variance"}),
    "Coregionalize": ("coregionalize", {"W": "W", "kappa": "kappa"}),
}


def _gpy_noise(likelihood, kernel):
    name = _class(likelihood)
    if name == "Gaussian":
        return {"type": "gaussian", "variance": float(np.asarray(likelihood.variance).item())}
    if name == "HeteroscedasticGaussian":
        return {"type": "heteroscedastic"}
    if name == "MixedNoise":
        variances = [_gpy_noise(part, kernel)["variance"] for part in likelihood.likelihoods_list]
        dims = _index_dims({"kernel": kernel})
        return {"type": "by-index", "dim": min(dims), "variances": variances}
    raise UnsupportedModel(f"the GPy likelihood {name}: its predictions are not Gaussian")


def _gpy_mean(mean, slopes):
    name = _class(mean)
    if name == "Constant":
        return {"type": "constant", "value": np.array(mean.C, dtype=float).reshape(-1)}
    if name == "Linear":
        return _slope(np.array(mean.A, dtype=float), slopes)
    if name == "Additive":
        return {"type": "sum", "parts": [_gpy_mean(part, slopes) for part in (mean.mapping1, mean.mapping2)]}
    raise UnsupportedModel(f"the GPy mean function {name}")


def _slope(A, slopes):
    name = f"mean.{len(slopes)}"
    slopes[name] = A
    return {"type": "linear", "A": name}


def _gpy_normaliser(normaliser):
    if normaliser is None:
        return None
    if _class(normaliser) not in ("Standardize", "MeanNorm"):
        raise UnsupportedModel(f"the GPy normaliser {_class(normaliser)}")
    mean = np.atleast_1d(np.asarray(normaliser.mean, dtype=float)).reshape(-1)
    std = np.asarray(getattr(normaliser, "std", np.ones_like(mean)), dtype=float).reshape(-1)
    return {"mean": mean, "std": std}


# --- scikit-learn ---------------------------------------------------------------------------------------------------


def _from_sklearn(model):
    steps = [step for _, step in model.steps] if hasattr(model, "steps") else [model]
    regressor = steps[-1]
    if _class(regressor) != "GaussianProcessRegressor":
        raise UnsupportedModel(f"scikit-learn's {_class(regressor)}: only a GaussianProcessRegressor, or a Pipeline of one")
    if not hasattr(regressor, "alpha_"):
        raise UnsupportedModel("the model was not fitted")
    Z = np.array(regressor.X_train_, dtype=float)
    d = Z.shape[1]
    transform = None
    for step in steps[:-1]:
        if step is not None and step != "passthrough":
            transform = _then(transform, *_sklearn_scaler(step, d))
    noise, kernel = _split_white(_sklearn_kernel(regressor.kernel_, range(d)))
    alpha = np.array(regressor.alpha_, dtype=float).reshape(len(Z), -1)
    p = alpha.shape[1]
    Y = np.array(regressor.y_train_, dtype=float).reshape(len(Z), -1)
    norm = [np.broadcast_to(getattr(regressor, name), (p,)) for name in ("_y_train_mean", "_y_train_std")]
    on_diagonal = regressor.alpha
    gp = {
        "kernel": kernel,
        "points": Z,
        "y": Y,
        "alpha": alpha,
        "L": np.array(regressor.L_, dtype=float),
        "noise": {"type": "gaussian", "variance": noise},
        # `alpha` of scikit-learn is a nugget: it is not part of the variance that is predicted.
        "jitter": float(on_diagonal) if np.ndim(on_diagonal) == 0 else None,
        "outputNorm": {"mean": norm[0], "std": norm[1]} if regressor.normalize_y else None,
        "inputTransform": transform,
    }
    if np.ndim(on_diagonal) != 0:
        gp["y"] = None  # the diagonal differs by point, which only L knows

    def predict(points):
        mean, std = model.predict(points, return_std=True)
        return mean, np.asarray(std) ** 2

    return {
        "gp": gp,
        "source": "GaussianProcessRegressor" if len(steps) == 1 else "Pipeline",
        "X": Z if transform is None else Z * transform["scale"] + transform["offset"],
        "trainingPoints": len(Z),
        "prior": regressor.kernel_.diag(Z),
        "packages": ["scikit-learn", "scipy"],
        "predict": predict,
    }


def _sklearn_scaler(step, d):
    """Offset and scale of (x - offset) / scale."""
    name = _class(step)
    if name == "StandardScaler":
        offset, scale = (step.mean_ if step.with_mean else None), (step.scale_ if step.with_std else None)
    elif name == "RobustScaler":
        offset = step.center_ if step.with_centering else None
        scale = step.scale_ if step.with_scaling else None
    elif name == "MinMaxScaler" and not step.clip:
        offset, scale = -step.min_ / step.scale_, 1 / step.scale_
    elif name == "MaxAbsScaler":
        offset, scale = None, step.scale_
    else:
        raise UnsupportedModel(f"scikit-learn's {name} before the model, only scalers")
    return (np.zeros(d) if offset is None else offset), (np.ones(d) if scale is None else scale)


def _then(transform, offset, scale):
    """One affine transform after another: ((x - o1) / s1 - o2) / s2 = (x - (o1 + s1 o2)) / (s1 s2)."""
    offset, scale = np.array(offset, dtype=float), np.array(scale, dtype=float)
    if transform is None:
        return {"offset": offset, "scale": scale}
    return {"offset": transform["offset"] + transform["scale"] * offset, "scale": transform["scale"] * scale}


def _split_white(kernel):
    """White noise that is a term of the whole kernel is the noise variance."""

    def terms(node):
        return [term for part in node["parts"] for term in terms(part)] if node["type"] == "sum" else [node]

    white = [term for term in terms(kernel) if term["type"] == "white"]
    others = [term for term in terms(kernel) if term["type"] != "white"]
    if not white or not others:
        return 0.0, kernel
    return float(sum(term["params"]["variance"] for term in white)), _combine("sum", others)


def _sklearn_kernel(kernel, dims):
    name = _class(kernel)
    if name in ("Sum", "Product"):
        parts = [_sklearn_kernel(part, dims) for part in (kernel.k1, kernel.k2)]
        return _combine("sum", parts) if name == "Sum" else _product(parts)
    if name == "Exponentiation":
        return _power(_sklearn_kernel(kernel.kernel, dims), kernel.exponent)
    if name == "ConstantKernel":
        return _leaf("bias", dims, variance=kernel.constant_value)
    if name == "WhiteKernel":
        return _leaf("white", dims, variance=kernel.noise_level)
    if name == "RBF":
        return _leaf("rbf", dims, variance=1, lengthscale=kernel.length_scale)
    if name == "Matern":
        return _matern(kernel.nu, dims, kernel.length_scale)
    if name == "RationalQuadratic":
        return _rational_quadratic(dims, kernel.length_scale, kernel.alpha)
    if name == "DotProduct":
        bias = _leaf("bias", dims, variance=float(kernel.sigma_0) ** 2)
        return {"type": "sum", "parts": [bias, _leaf("linear", dims, variances=1)]}
    if name == "ExpSineSquared" and len(dims) == 1:
        # exp(-2 (sin / l)^2) here, exp(-1/2 (sin / l)^2) there.
        return _leaf("periodic", dims, variance=1, period=kernel.periodicity, lengthscale=kernel.length_scale / 2)
    if name == "ExpSineSquared":
        raise UnsupportedModel("ExpSineSquared of several inputs: it takes the sine of their Euclidean distance")
    raise UnsupportedModel(f"scikit-learn's kernel {name}")


def _matern(nu, dims, lengthscale, variance=1):
    types = {0.5: "exponential", 1.5: "matern32", 2.5: "matern52", np.inf: "rbf"}
    if float(nu) not in types:
        raise UnsupportedModel(f"a Matern kernel with nu = {nu}, only 0.5, 1.5, 2.5 and infinity")
    return _leaf(types[float(nu)], dims, variance=variance, lengthscale=lengthscale)


def _rational_quadratic(dims, lengthscale, alpha, variance=1):
    """(1 + r^2 / (2 alpha))^-alpha; ours is (1 + r^2 / 2)^-power."""
    lengthscale = np.asarray(lengthscale, dtype=float) * sqrt(float(alpha))
    return _leaf("ratquad", dims, variance=variance, lengthscale=lengthscale, power=alpha)


# --- GPyTorch and BoTorch -------------------------------------------------------------------------------------------


def _from_torch(model):
    import gpytorch
    import torch

    model = copy.deepcopy(model).double().eval()
    if not isinstance(model, gpytorch.models.ExactGP):
        raise UnsupportedModel(f"{_class(model)}: only ExactGP, and SingleTaskGP of BoTorch")
    if len(model.train_inputs) != 1 or model.train_inputs[0].dim() != 2:
        raise UnsupportedModel("a batch of models (several outputs, each with its hyperparameters): export each by itself")
    exact = [
        gpytorch.settings.fast_computations(False, False, False),
        gpytorch.settings.max_cholesky_size(10**9),
        gpytorch.settings.fast_pred_var(False),
        torch.no_grad(),
    ]

    def with_exact(compute):
        with exact[0], exact[1], exact[2], exact[3]:
            return compute()

    Z = _numpy(model.train_inputs[0])
    n, d = Z.shape
    Y = _numpy(model.train_targets).reshape(n, 1)
    kernel = _torch_kernel(model.covar_module, list(range(d)))
    slopes = {}
    mean = _torch_mean(model.mean_module, slopes)
    noise, on_diagonal = _torch_noise(model.likelihood, n)
    inside = torch.as_tensor(Z)
    K = with_exact(lambda: _numpy(model.covar_module(inside).to_dense()))
    residual = Y - with_exact(lambda: _numpy(model.mean_module(inside))).reshape(n, 1)
    L, jitter = _cholesky(K + np.diag(on_diagonal))
    transform = _torch_input_transform(getattr(model, "input_transform", None), d)
    botorch = type(model).__module__.startswith("botorch") or hasattr(model, "posterior")
    gp = {
        "kernel": kernel,
        "points": Z,
        "y": Y if noise["type"] == "gaussian" else None,
        "alpha": np.linalg.solve(L.T, np.linalg.solve(L, residual)),
        "L": L,
        "noise": noise,
        "jitter": jitter,
        "mean": mean,
        "outputNorm": _torch_outcome_transform(getattr(model, "outcome_transform", None)),
        "inputTransform": transform,
        "slopes": slopes,
    }

    def predict(points):
        x = torch.as_tensor(points)
        latent = noise["type"] == "heteroscedastic"
        if botorch:
            posterior = model.posterior(x, observation_noise=not latent)
        else:
            posterior = model(x) if latent else model.likelihood(model(x))
        return _numpy(posterior.mean), _numpy(posterior.variance)

    return {
        "gp": gp,
        "X": Z if transform is None else Z * transform["scale"] + transform["offset"],
        "trainingPoints": n,
        "prior": np.diag(K),
        "packages": (["botorch"] if botorch else []) + ["gpytorch", "torch"],
        "predict": lambda points: with_exact(lambda: predict(points)),
    }


def _numpy(tensor):
    return tensor.detach().cpu().double().numpy().copy()


def _cholesky(K):
    """L and what had to be added to the diagonal so that there is one."""
    scale = float(np.mean(np.diag(K)))
    for jitter in [0.0, *(scale * 10.0**power for power in range(-10, -3))]:
        try:
            return np.linalg.cholesky(K + jitter * np.eye(len(K))), jitter
        except np.linalg.LinAlgError:
            pass
    raise UnsupportedModel("the covariance matrix of the training points is not positive definite")


def _torch_noise(likelihood, n):
    name = _class(likelihood)
    if name == "GaussianLikelihood":
        variance = float(_numpy(likelihood.noise).item())
        return {"type": "gaussian", "variance": variance}, np.full(n, variance)
    if name == "FixedNoiseGaussianLikelihood" and getattr(likelihood, "second_noise", 0) in (0, None):
        return {"type": "heteroscedastic"}, _numpy(likelihood.noise).reshape(n)
    raise UnsupportedModel(f"the likelihood {name}: only GaussianLikelihood and FixedNoiseGaussianLikelihood")


def _torch_mean(mean, slopes):
    name = _class(mean)
    if name == "ZeroMean":
        return None
    if name == "ConstantMean":
        return {"type": "constant", "value": _numpy(mean.constant).reshape(-1)}
    if name == "LinearMean":
        linear = _slope(_numpy(mean.weights).reshape(-1, 1), slopes)
        if mean.bias is None:
            return linear
        return {"type": "sum", "parts": [linear, {"type": "constant", "value": _numpy(mean.bias).reshape(-1)}]}
    raise UnsupportedModel(f"the mean {name}: only ZeroMean, ConstantMean and LinearMean")


def _torch_kernel(kernel, columns):
    name = _class(kernel)
    if kernel.active_dims is not None:
        columns = [columns[int(dim)] for dim in kernel.active_dims]
    if tuple(kernel.batch_shape) not in ((), (1,)):
        raise UnsupportedModel("a batch of kernels")
    if name == "ScaleKernel":
        return _scaled(_torch_kernel(kernel.base_kernel, columns), _numpy(kernel.outputscale).item())
    if name in ("AdditiveKernel", "ProductKernel"):
        parts = [_torch_kernel(part, columns) for part in kernel.kernels]
        return _combine("sum", parts) if name == "AdditiveKernel" else _product(parts)
    lengthscale = _numpy(kernel.lengthscale).reshape(-1) if kernel.has_lengthscale else None
    if name == "RBFKernel":
        return _leaf("rbf", columns, variance=1, lengthscale=lengthscale)
    if name == "MaternKernel":
        return _matern(kernel.nu, columns, lengthscale)
    if name == "RQKernel":
        return _rational_quadratic(columns, lengthscale, _numpy(kernel.alpha).item())
    if name == "PeriodicKernel":
        # exp(-2 sum sin^2 / l): this lengthscale is that of the others, squared.
        period = _numpy(kernel.period_length).reshape(-1)
        return _leaf("periodic", columns, variance=1, period=period, lengthscale=np.sqrt(lengthscale) / 2)
    if name == "CosineKernel":
        return _leaf("cosine", columns, variance=1, lengthscale=_numpy(kernel.period_length).item() / pi)
    if name == "LinearKernel":
        return _leaf("linear", columns, variances=_numpy(kernel.variance).reshape(-1))
    if name == "PolynomialKernel":
        offset = _numpy(kernel.offset).item()
        return _leaf("poly", columns, variance=1, scale=1, bias=offset, order=int(kernel.power))
    if name == "ConstantKernel":
        return _leaf("bias", columns, variance=_numpy(kernel.constant).item())
    raise UnsupportedModel(f"the kernel {name}")


def _torch_input_transform(transform, d):
    if transform is None:
        return None
    if hasattr(transform, "values") and _class(transform) == "ChainedInputTransform":
        result = None
        for step in transform.values():
            one = _torch_input_transform(step, d)
            result = one if result is None else _then(result, one["offset"], one["scale"])
        return result
    if not (hasattr(transform, "coefficient") and hasattr(transform, "offset")):
        raise UnsupportedModel(f"the input transform {_class(transform)}: only Normalize, InputStandardize and chains of those")
    offset, scale = np.zeros(d), np.ones(d)
    indices = getattr(transform, "indices", None)
    at = slice(None) if indices is None else _numpy(indices).astype(int)
    offset[at] = np.broadcast_to(_numpy(transform.offset).reshape(-1), offset[at].shape)
    scale[at] = np.broadcast_to(_numpy(transform.coefficient).reshape(-1), scale[at].shape)
    if getattr(transform, "reverse", False):
        offset, scale = -offset / scale, 1 / scale
    return {"offset": offset, "scale": scale}


def _torch_outcome_transform(transform):
    if transform is None:
        return None
    if _class(transform) != "Standardize":
        raise UnsupportedModel(f"the outcome transform {_class(transform)}: only Standardize")
    return {"mean": _numpy(transform.means).reshape(-1), "std": _numpy(transform.stdvs).reshape(-1)}


# --- GPflow ---------------------------------------------------------------------------------------------------------


def _from_gpflow(model):
    name = _class(model)
    if name not in ("GPR", "SGPR"):
        raise UnsupportedModel(f"GPflow's {name}: only GPR and SGPR")
    if _class(model.likelihood) != "Gaussian" or getattr(model.likelihood, "variance", None) is None:
        raise UnsupportedModel("a likelihood that is not Gaussian with one variance")
    X, Y = (np.array(part, dtype=float) for part in model.data)
    n, d = X.shape
    variance = float(np.asarray(model.likelihood.variance).item())
    slopes = {}
    residual = Y - np.broadcast_to(np.asarray(model.mean_function(X), dtype=float), Y.shape)
    gp = {
        "kernel": _gpflow_kernel(model.kernel, d),
        "y": Y,
        "noise": {"type": "gaussian", "variance": variance},
        "mean": _gpflow_mean(model.mean_function, slopes),
        "slopes": slopes,
    }
    if name == "GPR":
        K = np.array(model.kernel(X), dtype=float)
        gp["points"] = X
        gp["L"], gp["jitter"] = _cholesky(K + variance * np.eye(n))
        gp["alpha"] = np.linalg.solve(gp["L"].T, np.linalg.solve(gp["L"], residual))
    else:
        gp.update(_titsias(model, X, residual, variance))
    return {
        "gp": gp,
        "X": X,
        "trainingPoints": n,
        "prior": np.asarray(model.kernel(X, full_cov=False)),
        "packages": ["gpflow", "tensorflow-cpu", "tensorflow"],
        "predict": lambda points: tuple(np.asarray(part) for part in model.predict_y(points)),
    }


def _titsias(model, X, residual, variance):
    """Weights and W of the sparse posterior. Titsias (2009), eq. (10), as GPflow's SGPR computes it."""
    from gpflow.config import default_jitter

    Z = np.array(model.inducing_variable.Z, dtype=float)
    m, sigma = len(Z), sqrt(variance)
    L = np.linalg.cholesky(np.array(model.kernel(Z), dtype=float) + default_jitter() * np.eye(m))
    A = np.linalg.solve(L, np.array(model.kernel(Z, X), dtype=float)) / sigma
    LB = np.linalg.cholesky(A @ A.T + np.eye(m))
    c = np.linalg.solve(LB, A @ residual) / sigma
    inverse = np.linalg.solve(L, np.eye(m))
    half = np.linalg.solve(LB, inverse)
    return {"points": Z, "alpha": half.T @ c, "W": inverse.T @ inverse - half.T @ half, "jitter": float(default_jitter())}


def _gpflow_mean(mean, slopes):
    name = _class(mean)
    if name == "Zero":
        return None
    if name == "Constant":
        return {"type": "constant", "value": np.array(mean.c, dtype=float).reshape(-1)}
    if name == "Linear":
        linear = _slope(np.array(mean.A, dtype=float), slopes)
        return {"type": "sum", "parts": [linear, {"type": "constant", "value": np.array(mean.b, dtype=float).reshape(-1)}]}
    if name == "Additive":
        parts = [_gpflow_mean(part, slopes) for part in (mean.add_1, mean.add_2)]
        return {"type": "sum", "parts": [part for part in parts if part is not None]}
    raise UnsupportedModel(f"GPflow's mean function {name}")


def _gpflow_kernel(kernel, d):
    name = _class(kernel)
    if name in ("Sum", "Product"):
        parts = [_gpflow_kernel(part, d) for part in kernel.kernels]
        return _combine("sum", parts) if name == "Sum" else _product(parts)
    if name == "Periodic":
        return _gpflow_periodic(kernel, d)
    dims = _gpflow_dims(kernel, d)
    number = lambda parameter: np.array(getattr(kernel, parameter), dtype=float)  # noqa: E731
    if name == "Coregion":
        W, kappa = number("W").tolist(), number("kappa").reshape(-1).tolist()
        return {"type": "coregionalize", "dims": dims, "params": {"W": W, "kappa": kappa}}
    if name == "White":
        return _leaf("white", dims, variance=number("variance"))
    if name in ("Constant", "Bias"):
        return _leaf("bias", dims, variance=number("variance"))
    if name == "Linear":
        return _leaf("linear", dims, variances=number("variance"))
    if name == "Polynomial":
        variance = number("variance")
        if variance.size > 1:
            raise UnsupportedModel("GPflow's Polynomial with a variance an input")
        return _leaf("poly", dims, variance=1, scale=variance, bias=number("offset"), order=float(number("degree")))
    if name in _GPFLOW_STATIONARY:
        type, stretch = _GPFLOW_STATIONARY[name]
        return _leaf(type, dims, variance=number("variance"), lengthscale=number("lengthscales") * stretch)
    if name == "RationalQuadratic":
        return _rational_quadratic(dims, number("lengthscales"), float(number("alpha")), number("variance"))
    if name == "Cosine" and len(dims) == 1:
        return _leaf("cosine", dims, variance=number("variance"), lengthscale=number("lengthscales") / (2 * pi))
    raise UnsupportedModel(f"GPflow's kernel {name} of {len(dims)} inputs")


# Type and factor of the lengthscale: GPflow's Exponential is exp(-r / 2).
_GPFLOW_STATIONARY = {
    "SquaredExponential": ("rbf", 1),
    "RBF": ("rbf", 1),
    "Exponential": ("exponential", 2),
    "Matern12": ("exponential", 1),
    "Matern32": ("matern32", 1),
    "Matern52": ("matern52", 1),
}


def _gpflow_periodic(kernel, d):
    base = kernel.base_kernel
    if _class(base) not in ("SquaredExponential", "RBF"):
        raise UnsupportedModel(f"GPflow's Periodic of {_class(base)}, only of SquaredExponential")
    params = {"variance": base.variance, "lengthscale": base.lengthscales, "period": kernel.period}
    return _leaf("periodic", _gpflow_dims(base, d), **{key: np.array(value) for key, value in params.items()})


def _gpflow_dims(kernel, d):
    dims = kernel.active_dims
    return list(range(d))[dims] if isinstance(dims, slice) else [int(dim) for dim in np.asarray(dims)]


# BoTorch's models are GPyTorch's, so it comes first only for clarity.
_READERS = {
    "GPy": _from_gpy,
    "sklearn": _from_sklearn,
    "botorch": _from_torch,
    "gpytorch": _from_torch,
    "gpflow": _from_gpflow,
}


# --- command line ---------------------------------------------------------------------------------------------------


def _load(path):
    """Runs whatever the file says: only for files of your own."""
    import pickle

    if str(path).endswith(".joblib"):
        import joblib

        return joblib.load(path)
    with open(path, "rb") as file:
        return pickle.load(file)


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Writes a pickled Gaussian process as a file that Kriged serves.")
    parser.add_argument("model", help="a pickle or joblib file of your own: loading it executes it")
    parser.add_argument("output", help="the file to write: name.safetensors")
    parser.add_argument("--inputs", help="names of the inputs, with commas between them")
    parser.add_argument("--outputs", help="names of the outputs, with commas between them")
    parser.add_argument("--created", help="ISO 8601 time for the provenance (default: now)")
    options = parser.parse_args(arguments)
    names = [text.split(",") if text else None for text in (options.inputs, options.outputs)]
    try:
        path = export(_load(options.model), options.output, *names, created=options.created, source=options.model)
    except UnsupportedModel as error:
        parser.exit(1, f"Not supported: {error}.\n")
    print(f"Wrote {path}.")


if __name__ == "__main__":
    main()
