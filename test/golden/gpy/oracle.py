"""What every generator here shares: ask GPy for its answers and write them down.

Runs on Python 2.7 and on Python 3.

Every number in an `*.expected.json` comes from GPy itself, with one exception: the
gradients, where GPy's own are checked against complex-step differentiation of the
predictive equations (below, independent of GPy's gradient code) and replaced by it
where GPy leaves something out, loses digits or has no gradient. `gradient_note` then
says so, and `mean_gradient_gpy` and `variance_gradient_gpy` keep what GPy said.
(And one covariance, which GPy 1.0 computes wrongly: its `note` says so.)

The same independent equations measure how far GPy's rounding can be trusted: the
`tolerance` of a case is what the two disagree by, times a margin, as
|answer - expected| <= absolute + relative * |expected|, element by element.
"""

from __future__ import division, print_function

import json
import os
import platform
import zlib

import GPy
import numpy as np

STEP = 1e-30  # of complex-step differentiation: no subtraction, so as small as we like


def seed_of(name):
    return zlib.crc32(name.encode("ascii")) & 0x7FFFFFFF


def array(value):
    return np.array(value, dtype=float)  # a plain copy of a Param, ObsAr or ndarray


# --- The equations, written so that points may be complex ---


def dims_of(kern):
    dims = getattr(kern, "_all_dims_active", None)
    return kern.active_dims if dims is None else dims


def square_distance(A, B, lengthscale):
    return np.sum(((A[:, None, :] - B[None, :, :]) / lengthscale) ** 2, -1)


def exponential(r2):
    # The derivative jumps at r = 0; the mean of its two sides is 0, and so says GPy.
    return np.where(r2.real <= 0, 1, np.exp(-np.sqrt(r2)))


def is_ancient(kern):
    """Before GPy 0.9 some kernels had the same names and other formulas."""
    return type(kern).__module__.startswith("GPy.kern._src")


STATIONARY = {
    "RBF": lambda k, r2: np.exp(-r2 / 2),
    "ExpQuad": lambda k, r2: np.exp(-r2 / 2),
    "Exponential": lambda k, r2: exponential(r2 / 4 if is_ancient(k) else r2),
    "OU": lambda k, r2: exponential(r2),
    "Matern32": lambda k, r2: (1 + np.sqrt(3 * r2)) * np.exp(-np.sqrt(3 * r2)),
    "Matern52": lambda k, r2: (1 + np.sqrt(5 * r2) + 5 * r2 / 3) * np.exp(-np.sqrt(5 * r2)),
    "RatQuad": lambda k, r2: (1 + r2 / 2) ** -array(k.power),
    "Cosine": lambda k, r2: np.cos(np.sqrt(r2)),
    "ExpQuadCosine": lambda k, r2: np.exp(-2 * np.pi ** 2 * r2) * np.cos(2 * np.pi * np.sqrt(r2) / array(k.period)),
}


def combine(kern, parts):
    result = parts[0]
    for part in parts[1:]:
        result = result + part if type(kern).__name__ == "Add" else result * part
    return result


def leaf(kern, A, B):
    """k(A, B) of a kernel that is no sum or product, A and B already cut to its columns."""
    name = type(kern).__name__
    if name == "Linear":
        return np.dot(A * array(kern.variances), B.T)
    if name == "Coregionalize":
        W = array(kern.W)
        table = np.dot(W, W.T) + np.diag(array(kern.kappa))
        return table[A.real.astype(int), B.real.astype(int).T]
    variance = array(kern.variance)
    if name == "White":
        return np.zeros((len(A), len(B)))
    if name == "Bias":
        return np.ones((len(A), len(B))) * variance
    if name == "Poly":
        scale, bias = getattr(kern, "scale", 1), getattr(kern, "bias", 1)  # once they were always 1
        return variance * (array(scale) * np.dot(A, B.T) + array(bias)) ** kern.order
    if name == "StdPeriodic":
        period = array(kern.wavelengths if hasattr(kern, "wavelengths") else kern.period)
        lengthscale = array(kern.lengthscales if hasattr(kern, "lengthscales") else kern.lengthscale)
        sines = np.sin(np.pi * (A[:, None, :] - B[None, :, :]) / period) / lengthscale
        return variance * np.exp(-np.sum(sines ** 2, -1) / 2)
    if name == "MLP":
        w, b = array(kern.weight_variance), array(kern.bias_variance)
        norm_a = np.sqrt(np.sum(w * A * A, 1) + b + 1)
        norm_b = np.sqrt(np.sum(w * B * B, 1) + b + 1)
        return variance * 2 / np.pi * np.arcsin((np.dot(A * w, B.T) + b) / norm_a[:, None] / norm_b[None, :])
    if name == "Brownian":
        a, b = A * np.sign(A.real), (B * np.sign(B.real)).T
        least = np.where(a.real == b.real, (a + b) / 2, np.where(a.real < b.real, a, b))
        return variance * np.where(np.sign(A.real) == np.sign(B.real.T), least, 0)
    return variance * STATIONARY[name](kern, square_distance(A, B, array(kern.lengthscale)))


def cross(kern, A, B):
    """k(A, B) between two sets of points: white noise is 0 here."""
    A, B = A[:, dims_of(kern)], B[:, dims_of(kern)]
    if hasattr(kern, "parts"):
        return combine(kern, [cross(part, A, B) for part in kern.parts])
    return leaf(kern, A, B)


def prior(kern, A):
    """k(a, a) for each point of A: white noise is in it."""
    A = A[:, dims_of(kern)]
    if hasattr(kern, "parts"):
        return combine(kern, [prior(part, A) for part in kern.parts])
    if type(kern).__name__ == "White":
        return np.ones(len(A)) * array(kern.variance)
    return np.array([leaf(kern, A[i : i + 1], A[i : i + 1])[0, 0] for i in range(len(A))])


def mean_function(f, A):
    name = type(f).__name__
    if name == "Constant":
        return np.tile(array(f.C), (len(A), 1))
    if name == "Linear":
        return np.dot(A, array(f.A))
    return mean_function(f.mapping1, A) + mean_function(f.mapping2, A)  # Additive


def normalizer_of(model):
    """None or (mean, std); GPy's older MeanNorm only takes off the mean."""
    normalizer = getattr(model, "normalizer", None)
    if normalizer is None:
        return None
    mean = array(normalizer.mean)
    return mean, array(getattr(normalizer, "std", np.ones(mean.shape)))


def remover(posterior):
    """The function (k, l) -> k' (K + noise)^-1 l, by the factor where the file has one."""
    factor = posterior._woodbury_chol
    if factor is None or factor.ndim != 2:
        inverse = array(posterior.woodbury_inv)
        return lambda k, l: np.dot(k.T, np.dot(inverse, l))
    L = array(factor)
    return lambda k, l: np.dot(np.linalg.solve(L, k).T, np.linalg.solve(L, l))


def latent(model, A, full_cov=False):
    """Latent mean (N, p) and variance (N, 1 or p) or covariance (N, N) at A, real or complex."""
    points = array(model.Z if is_sparse(model) else model.X)
    k = cross(model.kern, points, A)
    mean = np.dot(k.T, array(model.posterior.woodbury_vector))
    if model.__dict__.get("mean_function") is not None:
        mean = mean + mean_function(model.mean_function, A)
    removed = remover(model.posterior)(k, k)
    if full_cov:
        variance = cross(model.kern, A, A) - removed
        variance[np.diag_indices(len(A))] = prior(model.kern, A) - np.diag(removed)
    else:
        variance = (prior(model.kern, A) - np.diag(removed))[:, None]
    normalizer = normalizer_of(model)
    if normalizer is not None:
        shift, std = normalizer
        mean = mean * std + shift
        variance = (variance[:, :, None] if full_cov and len(std) > 1 else variance) * std ** 2
    return mean, variance


def true_gradients(model, X):
    """(N, d, p) of the mean and (N, d, 1 or p) of the variance."""
    means, variances = [], []
    for j in range(X.shape[1]):
        A = X.astype(complex)
        A[:, j] += 1j * STEP
        mean, variance = latent(model, A)
        means.append(mean.imag / STEP)
        variances.append(variance.imag / STEP)
    return np.stack(means, 1), np.stack(variances, 1)


def difference_gradients(model, X, predict):
    """The same from GPy's own predictions: central differences, extrapolated to order 6."""
    def central(j, h):
        shift = np.zeros(X.shape)
        shift[:, j] = h
        high, low = predict(model, X + shift), predict(model, X - shift)
        return [(b - a) / (2 * h) for a, b in zip(low[:2], high[:2])]

    def extrapolated(j, h):
        one, two, three = central(j, h), central(j, h / 2), central(j, h / 4)
        first = [[(4 * b - a) / 3 for a, b in zip(x, y)] for x, y in ((one, two), (two, three))]
        return [(16 * b - a) / 15 for a, b in zip(*first)]

    both = [extrapolated(j, 4e-3) for j in range(X.shape[1])]
    return np.stack([b[0] for b in both], 1), np.stack([b[1] for b in both], 1)


# --- What the file says about the model ---


def is_sparse(model):
    return "Z" in model.__dict__


def plain(value):
    return np.atleast_1d(array(value)).tolist()


def kernel_tree(kern):
    tree = {
        "type": type(kern).__name__,
        "name": str(kern.name),
        "active_dims": [int(i) for i in np.arange(100)[kern.active_dims]],
        "all_dims_active": [int(i) for i in np.arange(100)[dims_of(kern)]],
    }
    if hasattr(kern, "parts"):
        tree["parts"] = [kernel_tree(part) for part in kern.parts]
        return tree
    tree["params"] = dict((str(p.name), plain(p)) for p in kern.parameters)
    if getattr(kern, "use_invLengthscale", False):
        tree["params"]["lengthscale"] = plain(kern.lengthscale)
    if tree["type"] == "Poly":
        tree["params"]["order"] = float(kern.order)
    return tree


def mean_tree(f):
    if f is None:
        return None
    name = type(f).__name__
    if name == "Additive":
        return {"type": name, "parts": [mean_tree(f.mapping1), mean_tree(f.mapping2)]}
    return {"type": name, "params": dict((str(p.name), plain(p)) for p in f.parameters)}


def noise_of(likelihood):
    name = type(likelihood).__name__
    if name == "MixedNoise":
        return [noise_of(part) for part in likelihood.likelihoods_list]
    values = array(likelihood.variance).ravel()
    return values.tolist() if name == "HeteroscedasticGaussian" else float(values[0])


# --- Asking GPy ---


def metadata(model, X):
    """MixedNoise wants to know each point's output: the last input column."""
    if type(model.likelihood).__name__ != "MixedNoise":
        return None
    return {"output_index": X[:, -1:].astype(int)}


def predict_latent(model, X, full_cov=False):
    if hasattr(model, "predict_noiseless"):
        mean, variance = model.predict_noiseless(X.copy(), full_cov=full_cov)
    else:  # before GPy 1.0
        mean, variance = model._raw_predict(X.copy(), full_cov=full_cov)
        if getattr(model, "normalizer", None) is not None:
            mean, variance = model.normalizer.inverse_mean(mean), model.normalizer.inverse_variance(variance)
    return array(mean), array(variance)


def gradients_of(model, X, case):
    """Fields about gradients; index columns of a coregionalised model stay 0."""
    smooth = case.get("gradient_dims", range(X.shape[1]))
    mean, variance = true_gradients(model, X)
    by_mean, by_variance = difference_gradients(model, X, predict_latent)
    kinks = case.get("kinks", [])  # points where the derivative jumps
    skip = set(kinks) | set(case.get("rough", []))  # and where too few derivatives exist for differences
    for j in range(X.shape[1]):
        if j not in smooth:
            mean[:, j], variance[:, j] = 0, 0
            continue
        for i in range(len(X)):
            if i in skip:
                continue
            limit = case.get("difference_limit", 1e-6)
            for name, ours, theirs in (("mean", mean, by_mean), ("variance", variance, by_variance)):
                error = np.abs(ours[i, j] - theirs[i, j]).max()
                scale = np.abs(ours).max() + 1e-3
                assert error < limit * scale, (case["name"], name, i, j, ours[i, j], theirs[i, j])

    fields = {"mean_gradient_gpy": None, "variance_gradient_gpy": None}
    notes = []
    try:
        gpy_mean, gpy_variance = model.predictive_gradients(X.copy())
    except (NotImplementedError, AttributeError, TypeError, ValueError, IndexError) as error:
        notes.append("GPy's predictive_gradients fails here (%s): both gradients are by complex step." % type(error).__name__)
        fields["mean_gradient"], fields["mean_gradient_gap"] = mean, 0
        fields["variance_gradient"], fields["variance_gradient_gap"] = drop_last(variance), 0
    else:
        gpy_mean, gpy_variance = array(gpy_mean), array(gpy_variance)
        fields["mean_gradient_gpy"], fields["variance_gradient_gpy"] = gpy_mean, gpy_variance
        fields.update(choose(mean, gpy_mean, "mean", notes, case))
        fields.update(choose(drop_last(variance), gpy_variance, "variance", notes, case))
    if len(list(smooth)) < X.shape[1]:
        notes.append("The output index is not a continuous input: its gradient is given as 0.")
    if kinks:
        notes.append("The kernel has a kink at point(s) %s: the gradient there is the mean of its two sides." % kinks)
    fields["gradient_note"] = " ".join(notes) or None
    return fields


def drop_last(variance):
    return variance[:, :, 0] if variance.shape[2] == 1 else variance


def choose(ours, gpys, name, notes, case):
    """GPy's gradient where it is right, else ours, and why."""
    gap = 0
    if gpys.shape == ours.shape:
        gap = np.abs(ours - gpys)
        if gap.max() <= 1e-8 * (np.abs(ours).max() + 1e-6):
            return {name + "_gradient": gpys, name + "_gradient_gap": gap}
        reason = "differs from the true derivative by up to %.1e" % gap.max()
    else:
        reason = "has shape %s instead of %s" % (gpys.shape, ours.shape)
    why = case.get("gradient_reason", {}).get(name)
    notes.append("GPy's %s gradient %s%s: the one given is by complex step." % (name, reason, " (%s)" % why if why else ""))
    return {name + "_gradient": ours, name + "_gradient_gap": 0}


def allowance(values, gap, relative, recomputed):
    """{absolute, relative} so that 20 gaps fit into absolute + relative * |value| everywhere."""
    values = np.abs(array(values))
    least = (1 if recomputed else 1e-2) * relative * (np.median(values) + 1e-3)
    return {"absolute": float("%.0e" % max(least, (20 * gap - relative * values).max())), "relative": relative}


def tolerances(model, X, fields, case):
    """From the disagreement between GPy and the independent equations."""
    mean, variance = latent(model, X)
    gap_mean = np.abs(mean - fields["mean"])
    gap_variance = np.abs(variance - fields["variance_latent"])
    limit = case.get("gap_limit", 1e-9)
    for name, gap, values in (("mean", gap_mean, fields["mean"]), ("variance", gap_variance, fields["variance_latent"])):
        assert gap.max() < limit * np.abs(values).max() + 1e-11, (case["name"], name, gap)

    gap_covariance = np.abs(latent(model, X, full_cov=True)[1] - fields["covariance_latent"])
    assert gap_covariance.max() < limit * np.abs(fields["covariance_latent"]).max() + 1e-11, (case["name"], gap_covariance.max())
    recomputed = case.get("recomputed", False)  # then alpha and L are not in the file
    result = {
        "mean": allowance(fields["mean"], gap_mean, 1e-9, recomputed),
        "variance": allowance(fields["variance_latent"], gap_variance, 1e-9, recomputed),
        "covariance": allowance(fields["covariance_latent"], gap_covariance, 1e-9, recomputed),
        "mean_gradient": allowance(fields["mean_gradient"], fields["mean_gradient_gap"], 1e-8, recomputed),
        "variance_gradient": allowance(fields["variance_gradient"], fields["variance_gradient_gap"], 1e-8, recomputed),
    }
    if fields["quantiles"] is not None:
        gap = gap_mean + gap_variance / np.sqrt(fields["variance_observed"])
        result["quantiles"] = allowance(fields["quantiles"]["2.5"], gap, 1e-9, recomputed)
    result.update(case.get("tolerance", {}))
    return result


def expected(model, X, case, protocol):
    """Everything GPy says about `model` at X, as plain JSON."""
    X = array(X)
    meta = metadata(model, X)
    mean, variance = predict_latent(model, X)
    fields = {
        "mean": mean,
        "variance_latent": variance,
        "covariance_latent": predict_latent(model, X, full_cov=True)[1],
        "variance_observed": None,
        "quantiles": None,
    }
    notes = [case["note"]] if "note" in case else []
    if (fields["covariance_latent"] == 1e-15).any():
        fields["covariance_latent"] = latent(model, X, full_cov=True)[1]
        notes.append("This version lifts negative covariances to 1e-15, by mistake: the covariance given is computed without it.")
    if case.get("observed", True):
        observed_mean, observed = model.predict(X.copy(), Y_metadata=meta)
        assert np.allclose(array(observed_mean), mean, rtol=1e-9, atol=1e-12)
        fields["variance_observed"] = array(observed)
        low, high = model.predict_quantiles(X.copy(), quantiles=(2.5, 97.5), Y_metadata=meta)
        fields["quantiles"] = {"2.5": array(low), "97.5": array(high)}
    fields.update(gradients_of(model, X, case))
    fields["tolerance"] = tolerances(model, X, fields, case)
    del fields["mean_gradient_gap"], fields["variance_gradient_gap"]

    normalizer = normalizer_of(model)
    result = {
        "name": case["name"],
        "description": case["description"],
        "gpy": GPy.__version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
        "protocol": protocol,
        "model": type(model).__name__,
        "posterior": type(model.posterior).__name__,
        "likelihood": type(model.likelihood).__name__,
        "n": int(model.X.shape[0]),
        "d": int(X.shape[1]),
        "p": int(mean.shape[1]),
        "inducing": int(model.Z.shape[0]) if is_sparse(model) else None,
        "kernel": kernel_tree(model.kern),
        "mean_function": mean_tree(model.__dict__.get("mean_function")),
        "noise_variance": noise_of(model.likelihood),
        "normalizer": None if normalizer is None else {"mean": plain(normalizer[0]), "std": plain(normalizer[1])},
        "X_test": X,
    }
    result.update(fields)
    if notes:
        result["note"] = " ".join(notes)
    return result


ORDER = """name description note gpy numpy python protocol model posterior likelihood n d p inducing kernel
mean_function noise_variance normalizer X_test mean variance_observed variance_latent quantiles covariance_latent
mean_gradient mean_gradient_gpy variance_gradient variance_gradient_gpy gradient_note tolerance""".split()


def jsonable(value):
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, dict):
        return dict((key, jsonable(item)) for key, item in value.items())
    return value


def write_expected(path, result):
    assert set(result) <= set(ORDER), set(result) - set(ORDER)
    lines = []
    for key in ORDER:
        if key in result:
            text = json.dumps(jsonable(result[key]), allow_nan=False, sort_keys=True)
            lines.append("%s: %s" % (json.dumps(key), text))
    with open(path, "w") as file:
        file.write("{\n  " + ",\n  ".join(lines) + "\n}\n")


def report(result, path):
    absolute = dict((name, each["absolute"]) for name, each in result["tolerance"].items())
    print("%-42s p%s %7d bytes  mean %.0e variance %.0e gradients %.0e %.0e  %s" % (
        result["name"], result["protocol"], os.path.getsize(path), absolute["mean"], absolute["variance"],
        absolute["mean_gradient"], absolute["variance_gradient"], result["gradient_note"] or ""))
