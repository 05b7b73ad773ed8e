import type { ModelCheck } from '../models/model-check.js';
import { ModelFileError } from '../models/model-errors.js';
import type { Model } from '../models/model.js';
import { Matrix } from '../numeric/linalg/matrix.js';

/** What stored factors and other people's rounding allow on ill-conditioned models. */
const MEAN_TOLERANCE = { absolute: 1e-8, relative: 1e-8 };
const VARIANCE_TOLERANCE = { absolute: 0, relative: 1e-6 };

/** Lets a model pass that reproduces its checks. Throws ModelFileError for the first one that it does not. */
export async function requireChecks(model: Model, checks: readonly ModelCheck[]): Promise<void> {
  if (checks.length === 0) return;
  const odd = checks.findIndex(
    ({ x, mean, variance = mean }) =>
      x.length !== model.inputs.length ||
      mean.length !== model.outputs.length ||
      variance.length !== model.outputs.length,
  );
  if (odd >= 0) {
    throw new ModelFileError(
      `Check ${odd + 1} of ${checks.length} does not fit the model, which has ${model.inputs.length} inputs and ${model.outputs.length} outputs.`,
    );
  }
  const X = Matrix.fromRows(checks.map(({ x }) => x));
  const { mean, variance } = await model.predict(X, {});
  checks.forEach((check, row) => {
    compare(row, checks.length, 'mean', mean, check.mean, tolerance(check, 'mean') ?? MEAN_TOLERANCE);
    if (!check.variance) return;
    if (!variance) throw new ModelFileError(`Check ${row + 1} has a variance, but this model gives none.`);
    const allowed = tolerance(check, 'variance') ?? VARIANCE_TOLERANCE;
    compare(row, checks.length, 'variance', variance, check.variance, allowed);
  });
}

interface Tolerance {
  readonly absolute: number;
  readonly relative: number;
}

/** The check's own, which is absolute. */
function tolerance(check: ModelCheck, what: 'mean' | 'variance'): Tolerance | undefined {
  const own = typeof check.tolerance === 'number' ? check.tolerance : check.tolerance?.[what];
  return own === undefined ? undefined : { absolute: own, relative: 0 };
}

function compare(
  row: number,
  of: number,
  what: string,
  got: Matrix,
  expected: readonly number[],
  { absolute, relative }: Tolerance,
): void {
  expected.forEach((value, output) => {
    const found = got.get(row, output);
    const allowed = absolute + relative * Math.abs(value);
    // Written so that a NaN does not pass.
    if (Math.abs(found - value) <= allowed) return;
    const where = expected.length > 1 ? ` of output ${output + 1}` : '';
    throw new ModelFileError(
      `Check ${row + 1} of ${of} fails: the ${what}${where} is ${found}, expected ${value} within ${allowed.toPrecision(2)}.`,
    );
  });
}
