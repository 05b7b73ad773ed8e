/** One hyperparameter of a kernel, as an expression may set it. */
export interface KernelParameter {
  /** One number an active input, where the expression says `ard` or gives a list. */
  readonly perInput?: boolean;
  /** What values it can have. */
  readonly range: 'positive' | 'non-negative' | 'finite';
  /** Where the search begins if nothing else is said. */
  readonly initial: number;
  /** `input`: a distance along an input; `initial` is then in terms of how far the data spread there. */
  readonly unit?: 'input';
  /** Chooses among kernels rather than fitting one to data: never searched for. */
  readonly structural?: true;
}

export type KernelParameters = Readonly<Record<string, KernelParameter>>;

const variance: KernelParameter = { range: 'non-negative', initial: 1 };
const lengthscale: KernelParameter = { range: 'positive', initial: 1, unit: 'input', perInput: true };
const shape: KernelParameter = { range: 'positive', initial: 1 };
const period: KernelParameter = { range: 'positive', initial: 1, unit: 'input' };
const stationary = { variance, lengthscale };

/** Every kernel that an expression may name, and its hyperparameters, in the order in which they are printed. */
export const EXPRESSION_KERNELS: Readonly<Record<string, KernelParameters>> = {
  rbf: stationary,
  exponential: stationary,
  matern32: stationary,
  matern52: stationary,
  matern: { ...stationary, nu: { range: 'positive', initial: 1.5, structural: true } },
  ratquad: { ...stationary, power: { range: 'positive', initial: 1 } },
  cosine: stationary,
  'exp-quad-cosine': { ...stationary, period },
  periodic: { variance, period: { ...period, perInput: true }, lengthscale: { ...shape, perInput: true } },
  linear: { variances: { range: 'non-negative', initial: 1, perInput: true } },
  bias: { variance },
  white: { variance: { range: 'non-negative', initial: 0.01 } },
  poly: {
    variance,
    scale: { range: 'non-negative', initial: 1 },
    bias: { range: 'non-negative', initial: 1 },
    order: { range: 'positive', initial: 3, structural: true },
  },
  mlp: {
    variance,
    weight_variance: { range: 'non-negative', initial: 1, perInput: true },
    bias_variance: { range: 'non-negative', initial: 1 },
  },
  brownian: { variance },
};

export const EXPRESSION_KERNEL_NAMES: readonly string[] = Object.keys(EXPRESSION_KERNELS);

/** Kernels that look at no input: they have no `ard` and name no columns. */
export const WITHOUT_INPUTS: ReadonlySet<string> = new Set(['bias', 'white']);
