import type { PlainValue, TrainingData } from '../../trainer.js';
import { expressionOf } from './kernel-expression/kernel-structure.js';
import { printKernel } from './kernel-expression/print-kernel.js';
import type { FoundResult } from './plain-result.js';
import type { OutputNorm } from './training-problem-of.js';

/** What a client is told of the search's end, beside the model itself. */
export function factsOf(
  kernel: string,
  result: FoundResult,
  { X, inputs }: TrainingData,
  outputNorm: OutputNorm | undefined,
): Record<string, PlainValue> {
  const expression = expressionOf(result.kernel, X.cols);
  const { logMarginalLikelihood, converged, hyperparameters, noise, inducingPoints } = result;
  return {
    logMarginalLikelihood,
    // Titsias's lower bound is what a sparse training maximises, and all it knows of the likelihood.
    objective: inducingPoints ? 'elbo' : 'logMarginalLikelihood',
    ...(inducingPoints && { inducing: inducingPoints.rows }),
    kernel,
    hyperparameters: {
      // With all its values, in the words of a request.
      kernel: expression ? printKernel(expression, inputs) : kernel,
      ...(typeof noise === 'number' && {
        noise: noise * (outputNorm?.std.length === 1 ? outputNorm.std[0] ** 2 : 1),
      }),
      found: hyperparameters.map(({ path, value, lower, upper, state }) => ({
        path,
        value,
        lower,
        upper,
        state,
      })),
    },
    converged,
  };
}
