"""Trains small models in each library, exports them, and writes what the library itself predicts beside each file.

    (.ci/exporters/requirements.txt)           python generate.py FOLDER gpy sklearn gpytorch botorch
    (.ci/exporters/requirements-gpflow.txt)    python generate.py FOLDER gpflow

(The two sets of packages want different numpys.) With one thread (OMP_NUM_THREADS=1) the numbers are the same each
time on one machine; on another their last digits may differ.
"""

import json
import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve()
sys.path.insert(0, str(HERE.parents[3] / "exporters"))
from kriged_export import export  # noqa: E402

random = np.random.default_rng(11)
N, D = 30, 3
X = random.uniform([-1, 0, 100], [1, 8, 140], (N, D))
UNIT = (X - [0, 4, 120]) / [1, 4, 20]
f = np.sin(3 * UNIT[:, 0]) + UNIT[:, 1] ** 2 - UNIT[:, 2] * UNIT[:, 0]
y = 5 + 2 * f + 0.1 * random.standard_normal(N)
Y2 = np.column_stack([y, np.cos(2 * UNIT[:, 1]) - UNIT[:, 2]])
X_NEW = random.uniform([-1.1, -0.5, 98], [1.1, 8.5, 142], (20, D))
UNIT_NEW = (X_NEW - [0, 4, 120]) / [1, 4, 20]


# Each of these yields a name, a model, where to predict, and the library's own prediction of mean and variance. A
# dict instead of a model is written as an npz file, by the naming convention of docs/formats.md.


def gpy():
    import GPy

    kern = GPy.kern

    def case(name, model, points=UNIT_NEW, **options):
        return name, model, points, lambda x: model.predict(x, **options)

    column = y[:, None]
    ard = GPy.models.GPRegression(UNIT, column, kern.RBF(D, ARD=True), normalizer=True)
    ard.optimize(max_iters=30)
    yield case("gpy-rbf-ard", ard)
    scaler = ard.normalizer
    arrays = {"X": ard.X, "Y": ard.Y, "param_array": ard.param_array, "y_mean": scaler.mean, "y_std": scaler.std}
    yield "npz-param-array", arrays, UNIT_NEW, ard.predict
    matern = GPy.models.GPRegression(UNIT, Y2, kern.Matern52(D, 1.7, 0.8), noise_var=0.05)
    arrays = {"X_train": UNIT, "y_train": Y2, "kernel": "matern52", "variance": 1.7, "lengthscale": 0.8, "noise": 0.05}
    arrays |= {"L": np.asfortranarray(matern.posterior.woodbury_chol), "alpha": matern.posterior.woodbury_vector}
    yield "npz-by-name", arrays, UNIT_NEW, matern.predict
    kernel = kern.Matern52(2, active_dims=[2, 0]) * kern.StdPeriodic(1, active_dims=[1], period=1.3) + kern.Linear(D)
    mean = GPy.mappings.Additive(GPy.mappings.Constant(D, 1, 0.7), GPy.mappings.Linear(D, 1))
    yield case("gpy-sum-and-mean", GPy.models.GPRegression(UNIT, column, kernel, noise_var=0.05, mean_function=mean))
    many = kern.RatQuad(D, power=1.7) + kern.Poly(D, order=2) + kern.MLP(D) + kern.White(D, variance=0.02) + kern.Bias(D)
    yield case("gpy-many-kernels", GPy.models.GPRegression(UNIT, Y2, many, noise_var=0.1))
    np.random.seed(3)  # GPy draws the inducing points from numpy's global generator
    yield case("gpy-sparse", GPy.models.SparseGPRegression(UNIT, column, kern.Matern32(D), num_inducing=8))
    icm = GPy.util.multioutput.ICM(D, 2, kern.RBF(D), W_rank=1)
    both = GPy.models.GPCoregionalizedRegression([UNIT, UNIT[:12]], [column, Y2[:12, 1:]], icm)
    points = np.hstack([UNIT_NEW, np.arange(len(UNIT_NEW))[:, None] % 2])
    yield case("gpy-coregionalized", both, points, Y_metadata={"output_index": points[:, -1:].astype(int)})
    noises = np.linspace(0.02, 0.2, N)[:, None]
    each = GPy.models.GPHeteroscedasticRegression(UNIT, column, kern.RBF(D))
    each.het_Gauss.variance[:] = noises
    yield case("gpy-heteroscedastic", each, include_likelihood=False)


def sklearn():
    from sklearn.gaussian_process import GaussianProcessRegressor as GPR
    from sklearn.gaussian_process import kernels as k
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MinMaxScaler, StandardScaler

    def case(name, model, x, targets, points):
        def predict(at):
            mean, std = model.predict(at, return_std=True)
            return mean, std**2

        return name, model.fit(x, targets), points, predict

    noisy = k.ConstantKernel(2.0) * k.RBF([1.0] * D) + k.WhiteKernel(0.1)
    yield case("sklearn-rbf-white", GPR(noisy, normalize_y=True), UNIT, y, UNIT_NEW)
    matern = k.ConstantKernel(1.5, "fixed") * k.Matern([1.2] * D, nu=2.5) + k.DotProduct(0.6)
    scaled = make_pipeline(MinMaxScaler((-1, 2)), StandardScaler(), GPR(matern, alpha=1e-2, optimizer=None))
    yield case("sklearn-pipeline", scaled, X, y, X_NEW)
    rational = k.RationalQuadratic(1.3, 0.7) * (k.Matern(0.9, nu=0.5) + k.ConstantKernel(0.4)) + k.Matern(1.1, nu=1.5) ** 2
    yield case("sklearn-two-outputs", GPR(rational, alpha=0.05, normalize_y=True, optimizer=None), UNIT, Y2, UNIT_NEW)
    periodic = k.ExpSineSquared(1.1, 1.7) * k.Matern(2.0, nu=np.inf) + k.WhiteKernel(0.2)
    yield case("sklearn-periodic", GPR(periodic, optimizer=None), UNIT[:, :1], y, UNIT_NEW[:, :1])


def gpytorch():
    import gpytorch
    import torch
    from gpytorch import kernels as k

    class Exact(gpytorch.models.ExactGP):
        def __init__(self, likelihood, mean, kernel):
            super().__init__(torch.tensor(UNIT), torch.tensor(y), likelihood)
            self.mean_module, self.covar_module = mean, kernel

        def forward(self, x):
            return gpytorch.distributions.MultivariateNormal(self.mean_module(x), self.covar_module(x))

    def case(name, mean, kernel, noise=0.05, fixed=None):
        likelihood = gpytorch.likelihoods.GaussianLikelihood()
        likelihood.noise = noise
        if fixed is not None:
            likelihood = gpytorch.likelihoods.FixedNoiseGaussianLikelihood(torch.tensor(fixed))
        model = Exact(likelihood, mean, kernel).double().eval()

        def predict(points):
            # The dense path in double precision: the library's default is faster, and less exact.
            with torch.no_grad(), gpytorch.settings.fast_computations(False, False, False):
                at = model(torch.tensor(points))
                both = at if fixed is not None else model.likelihood(at)
                return both.mean.numpy(), both.variance.numpy()

        return name, model, UNIT_NEW, predict

    constant = gpytorch.means.ConstantMean()
    constant.constant.data.fill_(4.5)
    ard = k.RBFKernel(ard_num_dims=D)
    ard.lengthscale = torch.tensor([0.7, 1.3, 2.1])
    scaled = k.ScaleKernel(ard)
    scaled.outputscale = 3.2
    yield case("gpytorch-rbf-ard", constant, scaled)
    linear = gpytorch.means.LinearMean(D)
    linear.weights.data = torch.tensor([[0.4], [-0.2], [0.9]])
    linear.bias.data = torch.tensor([1.5])
    periodic = k.PeriodicKernel(active_dims=[1])
    periodic.lengthscale, periodic.period_length = 0.8, 1.9
    matern = k.MaternKernel(nu=1.5, active_dims=[2, 0], ard_num_dims=2)
    matern.lengthscale = torch.tensor([0.9, 1.4])
    slopes = k.LinearKernel(ard_num_dims=D)
    slopes.variance = torch.tensor([[0.3, 0.6, 0.2]])
    yield case("gpytorch-sum-and-product", linear, k.ScaleKernel(periodic * matern) + slopes)
    rq = k.RQKernel(ard_num_dims=D)
    rq.alpha, rq.lengthscale = 1.7, torch.tensor([1.1, 0.9, 1.6])
    cosine = k.CosineKernel(active_dims=[0])
    cosine.period_length = 2.7
    many = rq + k.PolynomialKernel(power=2) + cosine * k.MaternKernel(nu=0.5) + k.ScaleKernel(k.MaternKernel(nu=2.5))
    yield case("gpytorch-many-kernels", gpytorch.means.ZeroMean(), many)
    yield case("gpytorch-fixed-noise", constant, scaled, fixed=np.linspace(0.02, 0.2, N))


def botorch():
    import torch
    from botorch.fit import fit_gpytorch_mll
    from botorch.models import SingleTaskGP
    from botorch.models.transforms import Standardize
    from botorch.models.transforms.input import ChainedInputTransform, InputStandardize, Normalize
    from gpytorch.mlls import ExactMarginalLogLikelihood

    x, targets = torch.tensor(X), torch.tensor(y)[:, None]

    def case(name, model, observed=True, fit=True):
        if fit:
            fit_gpytorch_mll(ExactMarginalLogLikelihood(model.likelihood, model), optimizer_kwargs={"options": {"maxiter": 30}})
        model.eval()

        def predict(points):
            with torch.no_grad():
                posterior = model.posterior(torch.tensor(points), observation_noise=observed)
                return posterior.mean.numpy(), posterior.variance.numpy()

        return name, model, X_NEW, predict

    yield case("botorch-default", SingleTaskGP(x, targets, input_transform=Normalize(D), outcome_transform=Standardize(1)))
    chain = ChainedInputTransform(some=Normalize(D, indices=[0, 2]), all=InputStandardize(D))
    yield case("botorch-chained", SingleTaskGP(x, targets, input_transform=chain), fit=False)
    variances = torch.linspace(0.02, 0.2, N, dtype=torch.double)[:, None]
    known = SingleTaskGP(x, targets, variances, input_transform=Normalize(D), outcome_transform=Standardize(1))
    yield case("botorch-known-noise", known, observed=False, fit=False)


def gpflow():
    import gpflow

    k, column = gpflow.kernels, y[:, None]

    def case(name, model, points=UNIT_NEW):
        return name, model, points, lambda at: [np.asarray(part) for part in model.predict_y(at)]

    slope = gpflow.functions.Linear(np.array([[0.4], [-0.2], [0.9]]), np.array([1.5]))
    ard = gpflow.models.GPR((UNIT, column), k.Matern52(lengthscales=[0.7, 1.3, 2.1]), mean_function=slope)
    gpflow.optimizers.Scipy().minimize(ard.training_loss, ard.trainable_variables, options={"maxiter": 20})
    yield case("gpflow-matern-ard", ard)
    periodic = k.Periodic(k.SquaredExponential(variance=1.4, lengthscales=0.6, active_dims=[1]), period=1.9)
    product = periodic * k.Matern32(lengthscales=[0.9, 1.2], active_dims=[2, 0]) + k.Linear(variance=[0.3, 0.6, 0.2])
    constant = gpflow.functions.Constant(np.array([4.5]))
    yield case("gpflow-sum-and-product", gpflow.models.GPR((UNIT, column), product, constant, noise_variance=0.05))
    many = k.RationalQuadratic(alpha=1.7, lengthscales=1.2) + k.Polynomial(degree=2, variance=0.5, offset=0.8)
    many += k.Exponential(lengthscales=0.9) * k.Cosine(lengthscales=2.3, active_dims=[0]) + k.White(0.03) + k.Constant(0.6)
    yield case("gpflow-two-outputs", gpflow.models.GPR((UNIT, Y2), many, noise_variance=0.1))
    sparse = gpflow.models.SGPR((UNIT, column), k.SquaredExponential(lengthscales=0.8), UNIT[:9].copy(), noise_variance=0.05)
    yield case("gpflow-sparse", sparse)
    index = np.hstack([UNIT, np.arange(N)[:, None] % 2])
    coregion = k.Coregion(output_dim=2, rank=1, active_dims=[D])
    coregion.W.assign([[0.9], [-0.4]])
    coregion.kappa.assign([0.3, 0.2])
    shared = gpflow.models.GPR((index, column), k.SquaredExponential(active_dims=range(D)) * coregion, noise_variance=0.1)
    yield case("gpflow-coregion", shared, np.hstack([UNIT_NEW, np.arange(len(UNIT_NEW))[:, None] % 2]))


LIBRARIES = {"gpy": gpy, "sklearn": sklearn, "gpytorch": gpytorch, "botorch": botorch, "gpflow": gpflow}


def main(folder, names):
    folder.mkdir(parents=True, exist_ok=True)
    for library in names:
        for name, model, points, predict in LIBRARIES[library]():
            if isinstance(model, dict):
                np.savez(folder / f"{name}.npz", **model)
            else:
                export(model, folder / f"{name}.safetensors", created="")
            mean, variance = (np.asarray(part, dtype=float).reshape(len(points), -1) for part in predict(points))
            expected = {"name": name, "X_test": points.tolist(), "mean": mean.tolist()}
            expected["variance"] = np.broadcast_to(variance, mean.shape).tolist()
            (folder / f"{name}.expected.json").write_text(json.dumps(expected))
            print("wrote", name)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
