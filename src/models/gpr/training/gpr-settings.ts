import { count, describe, listNames, memberPath } from '../../../common/media/describe.js';
import { type InputIssue, InvalidInputError } from '../../../common/media/issue.js';
import { issue } from '../../../common/media/value-issue.js';
import { JsonSchema } from '../../../common/schema/json-schema.js';
import type { Prior } from '../../../numeric/training/training-problem.js';
import type { TrainingData } from '../../trainer.js';
import schema from './gpr-settings.schema.json' with { type: 'json' };
import type { KernelNode } from './kernel-expression/kernel-node.js';
import { EXPRESSION_KERNELS } from './kernel-expression/kernel-parameters.js';
import { KernelExpressionError } from './kernel-expression/kernel-text.js';
import { parseKernel } from './kernel-expression/parse-kernel.js';
import { printKernel } from './kernel-expression/print-kernel.js';
import { AUTO } from './kernel-search.js';
import { readInducing } from './sparse-settings.js';

/** How a GP is to be trained, with every default filled in. Plain JSON. */
export interface GprSettings {
  /** A kernel expression in its canonical form, or `auto`. */
  readonly kernel: string;
  readonly mean: 'zero' | 'constant' | 'linear';
  readonly normalize: boolean;
  readonly noise: 'free' | number | readonly number[];
  readonly restarts: number;
  readonly seed: number;
  readonly bounds?: Readonly<Record<string, readonly [number, number]>>;
  readonly priors?: Readonly<Record<string, Prior>>;
  readonly maxPoints: number;
  /** How many points stand for the data, at most; absent where these are trained on exactly. */
  readonly inducing?: number;
}

export const GPR_SETTINGS = schema.properties;

const DEFAULT_KERNEL = 'rbf(ard)';
const DEFAULT_MAX_POINTS = 5000;

const SCHEMA = new JsonSchema<Partial<GprSettings>>(schema);

/** Throws InvalidInputError with everything that is wrong, TooManyPointsError. */
export async function readGprSettings(
  given: Readonly<Record<string, unknown>>,
  data: TrainingData,
  maxModelBytes: number,
): Promise<GprSettings> {
  const found = await SCHEMA.issues(given);
  if (found.length > 0) throw new InvalidInputError(found);
  const settings = given as Partial<GprSettings>;
  const issues: InputIssue[] = [];
  const { X, Y } = data;
  const exact: GprSettings = {
    kernel: readKernel(settings.kernel ?? DEFAULT_KERNEL, data.inputs, issues),
    mean: settings.mean ?? 'zero',
    normalize: settings.normalize ?? true,
    noise: settings.noise ?? 'free',
    restarts: settings.restarts ?? defaultRestarts(X.rows),
    seed: settings.seed ?? 0,
    ...(settings.bounds && { bounds: settings.bounds }),
    ...(settings.priors && { priors: settings.priors }),
    maxPoints: settings.maxPoints ?? DEFAULT_MAX_POINTS,
  };
  const inducing = readInducing({ ...exact, inducing: settings.inducing }, data, maxModelBytes, issues);
  const complete: GprSettings = { ...exact, ...(inducing !== undefined && { inducing }) };
  const { noise, normalize } = complete;
  if (Array.isArray(noise) && noise.length !== X.rows) {
    issues.push(issue('noise', describe(noise), `one number for each of the ${count(X.rows, 'row')}`));
  }
  if (normalize && Y.cols > 1 && noise !== 'free' && noise !== 0) {
    const expected = '"free" or 0 where several outputs are normalised';
    issues.push(issue('noise', describe(noise), expected, 'or set `normalize` to false'));
  }
  for (const [name, [lower, upper]] of Object.entries(complete.bounds ?? {})) {
    if (lower >= upper) issues.push(issue(`bounds.${name}`, `[${lower}, ${upper}]`, '[lower, upper]'));
  }
  if (issues.length === 0) issues.push(...misnamed(complete, data.inputs));
  if (issues.length > 0) throw new InvalidInputError(issues);
  if (noise === 0) requireFunction(data);
  return complete;
}

/** Bounds and priors of hyperparameters that the kernel does not have. */
function misnamed(
  { kernel, bounds = {}, priors = {} }: GprSettings,
  inputs: readonly string[],
): InputIssue[] {
  if (kernel === AUTO) return [];
  const known = ['noise', ...parameterNames(parseKernel(kernel, inputs))];
  return Object.entries({ bounds, priors }).flatMap(([setting, given]) =>
    Object.keys(given).flatMap((name) =>
      known.includes(name.startsWith('kernel.') ? lastName(name) : name)
        ? []
        : [
            issue(
              memberPath(setting, name),
              'an unknown hyperparameter',
              `one of ${[...new Set(known)].join(', ')}`,
            ),
          ],
    ),
  );
}

function parameterNames(node: KernelNode): string[] {
  return node.kind === 'leaf'
    ? Object.keys(EXPRESSION_KERNELS[node.type])
    : node.parts.flatMap(parameterNames);
}

/** `lengthscale` of `kernel.parts[0].lengthscale[1]`. */
function lastName(path: string): string {
  return /([a-z_]+)(?:\[\d+\])*$/.exec(path)?.[1] ?? path;
}

function readKernel(text: string, inputs: readonly string[], issues: InputIssue[]): string {
  if (text.trim() === AUTO) return AUTO;
  try {
    return printKernel(parseKernel(text, inputs), inputs);
  } catch (error) {
    if (!(error instanceof KernelExpressionError)) throw error;
    const read = text.slice(0, error.at).trimEnd();
    const after = read === '' ? 'at its beginning' : `after ${JSON.stringify(read.slice(-40))}`;
    issues.push({
      path: 'kernel',
      received: describe(text),
      expected: 'a kernel expression such as rbf(ard) + bias',
      message: `kernel, at character ${error.at + 1} (${after}): ${error.problem}.`,
    });
    return DEFAULT_KERNEL;
  }
}

function defaultRestarts(points: number): number {
  return points > 2000 ? 3 : points > 500 ? 5 : 10;
}

/** Without noise, one input has one output. */
function requireFunction({ X, Y, inputs }: TrainingData): void {
  const seen = new Map<string, number>();
  for (let i = 0; i < X.rows; i++) {
    const key = X.row(i).join();
    const before = seen.get(key);
    if (before === undefined) {
      seen.set(key, i);
    } else if (Y.row(i).some((value, output) => value !== Y.get(before, output))) {
      const same = `the inputs of row ${before + 1} and another output`;
      const message = `Row ${i + 1} has ${same} (${listNames(inputs)}: ${[...X.row(i)].join(', ').slice(0, 80)}): without noise one input cannot have two outputs. Let \`noise\` be free, or leave one row out.`;
      throw new InvalidInputError([
        { path: `row ${i + 1}`, received: same, expected: 'one output for one input', message },
      ]);
    }
  }
}
