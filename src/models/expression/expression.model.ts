import type { WorkerPool } from '../../common/pool/worker-pool.js';
import { Matrix } from '../../numeric/linalg/matrix.js';
import { workInParts } from '../in-parts.js';
import { MethodNotSupportedError } from '../model-errors.js';
import { Model, type ModelDescription, type OptionalMethod, type Variable } from '../model.js';
import type { PredictOptions, Prediction } from '../prediction.js';
import { NegativeVarianceError } from './expression-errors.js';
import type { CompiledSpec } from './compile-spec.js';
import { type ExpressionSpec, inputsOf, outputsOf } from './expression-spec.js';
import { type Program, runProgram, stepsOf } from './program.js';
import { runExpressionTask } from './run.task.js';

export const EXPRESSION = 'expression';

/** Steps, each for one row, that take about 4 ms: the longest that the HTTP thread computes at a time. */
const IN_PLACE_STEPS = 250_000;
/** What one task of a worker should take: about 12 ms. */
const TASK_STEPS = 750_000;

/** A model given as formulas. Without a variance of its own it is deterministic: it answers the mean alone. */
export class ExpressionModel extends Model {
  readonly type = EXPRESSION;
  readonly inputs: readonly Variable[];
  readonly outputs: readonly Variable[];
  protected readonly supported: ReadonlySet<OptionalMethod>;
  readonly #missingGradient: string | undefined;

  constructor(
    private readonly spec: ExpressionSpec,
    private readonly programs: CompiledSpec,
    private readonly pool: WorkerPool,
  ) {
    super();
    this.inputs = inputsOf(spec).map((input) => ({ ...input, kind: 'real' }));
    this.outputs = outputsOf(spec).map(({ name, unit }) => ({ name, kind: 'real', ...(unit && { unit }) }));
    this.#missingGradient = 'missing' in programs.gradient ? programs.gradient.missing : undefined;
    this.supported = new Set<OptionalMethod>([
      ...(programs.meanAndVariance ? (['variance'] as const) : []),
      ...(this.#missingGradient === undefined ? (['gradient'] as const) : []),
    ]);
  }

  async predict(X: Matrix, options: PredictOptions, signal?: AbortSignal): Promise<Prediction> {
    signal?.throwIfAborted();
    const { mean, meanAndVariance, gradient } = this.programs;
    const { meanOnly = false, latentVariance = false, gradients = false } = options;
    const p = this.outputs.length;
    const [means, variance] =
      meanAndVariance && !meanOnly
        ? await this.#run(meanAndVariance, X, [p, p], signal)
        : await this.#run(mean, X, [p], signal);
    if (variance) this.#requireVariance(variance);
    const slopes =
      gradients && !('missing' in gradient)
        ? await this.#run(gradient, X, [p * this.inputs.length], signal)
        : undefined;
    return {
      mean: means,
      ...(variance && { variance }),
      // The formula is exact: all the variance is noise.
      ...(latentVariance && { latentVariance: Matrix.zeros(X.rows, p) }),
      ...(slopes && { meanGradient: slopes[0].data }),
    };
  }

  override requireSupportFor(options: PredictOptions): void {
    if (options.gradients === true && this.#missingGradient !== undefined) {
      throw new MethodNotSupportedError(this.type, 'gradient', this.#missingGradient);
    }
    super.requireSupportFor(options);
  }

  override get isPrompt(): boolean {
    return true;
  }

  describe(): ModelDescription {
    const { description, parameters, definitions, outputs } = this.spec;
    return {
      ...(this.programs.meanAndVariance && { variance: 'observed' }),
      ...(description !== undefined && { description }),
      ...(parameters && { parameters }),
      ...(definitions && { definitions }),
      formulas: outputs,
      ...(this.#missingGradient !== undefined && { noGradient: this.#missingGradient }),
    };
  }

  /** One table for each number of columns: few rows in place, many in parts over the workers. */
  async #run(
    program: Program,
    X: Matrix,
    columns: readonly number[],
    signal: AbortSignal | undefined,
  ): Promise<Matrix[]> {
    const { rows } = X;
    const steps = Math.max(1, stepsOf(program));
    if (rows * steps <= IN_PLACE_STEPS) {
      const tables = columns.map((cols) => Matrix.zeros(rows, cols));
      runProgram(program, X, tables, 0, rows);
      return tables;
    }
    const shared = Matrix.shared(rows, X.cols);
    shared.data.set(X.data);
    const tables = columns.map((cols) => Matrix.shared(rows, cols));
    const size = Math.ceil(TASK_STEPS / steps);
    await workInParts(
      { rows, size, atOnce: this.pool.threads },
      (start, end) => this.pool.run(runExpressionTask, { program, X: shared, tables, start, end }),
      signal,
    );
    return tables;
  }

  #requireVariance({ data, cols }: Matrix): void {
    const at = data.findIndex((value) => value < 0);
    if (at < 0) return;
    throw new NegativeVarianceError(this.outputs[at % cols].name, Math.floor(at / cols), data[at]);
  }
}
