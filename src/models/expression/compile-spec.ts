import { ModelFileError } from '../model-errors.js';
import { type ExpressionSpec, inputsOf, outputsOf } from './expression-spec.js';
import type { FunctionName } from './functions.js';
import { Differentiator, NoGradientError, type Partials, partialsOf } from './gradient.js';
import { InstructionList, TooManyInstructionsError, type Value } from './instruction-list.js';
import { makeProgram, type Program } from './program.js';
import { readFormula } from './read-formula.js';
import { requireName, Scope } from './scope.js';

/** What the formulas of a model may take together, and with their derivatives. */
const MAX_INSTRUCTIONS = 20_000;
const MAX_WITH_DERIVATIVES = 60_000;

/** The programs of a model with d inputs and p outputs. */
export interface CompiledSpec {
  /** Of p columns. */
  readonly mean: Program;
  /** Of 2 p columns, where the outputs have a variance. */
  readonly meanAndVariance?: Program;
  /** Of p x d columns, d mean / d x; or why there is none. */
  readonly gradient: Program | { readonly missing: string };
}

/** Throws ModelFileError for what a formula must not hold, and for names that are not known. */
export async function compileSpec(spec: ExpressionSpec): Promise<CompiledSpec> {
  const list = new InstructionList(MAX_INSTRUCTIONS);
  try {
    const { mean, variance } = await listValues(spec, list);
    return {
      mean: makeProgram(list.instructions, mean),
      ...(variance.length > 0 && { meanAndVariance: makeProgram(list.instructions, [...mean, ...variance]) }),
      gradient: await gradientProgram(list, mean, spec.inputs.length),
    };
  } catch (error) {
    if (error instanceof TooManyInstructionsError) {
      throw new ModelFileError(
        `The formulas are too long: more than ${MAX_INSTRUCTIONS} operations together.`,
      );
    }
    if (error instanceof RangeError) throw new ModelFileError('The formulas are nested too deeply.');
    throw error;
  }
}

/** Adds every formula to the list; the variance is empty or has one value an output. */
async function listValues(
  spec: ExpressionSpec,
  list: InstructionList,
): Promise<{ mean: Value[]; variance: Value[] }> {
  const scope = new Scope(list);
  const translate = async (text: string | number, place: string): Promise<Value> =>
    scope.translate(await readFormula(String(text), place), place);
  inputsOf(spec).forEach(({ name }, index) => scope.define(name, list.input(index), `inputs[${index}]`));
  for (const [name, value] of Object.entries(spec.parameters ?? {})) {
    scope.define(name, list.number(value), `parameters.${name}`);
  }
  for (const [name, text] of Object.entries(spec.definitions ?? {})) {
    const place = `definitions.${name}`;
    scope.define(name, await translate(text, place), place);
  }
  const mean: Value[] = [];
  const variance: Value[] = [];
  const outputs = outputsOf(spec);
  for (const { name, expression, variance: noise } of outputs) {
    requireName(name, 'outputs');
    mean.push(await translate(expression, `outputs.${name}`));
    if (noise !== undefined) variance.push(await translate(noise, `outputs.${name}.variance`));
  }
  if (variance.length > 0 && variance.length < mean.length) {
    const without = outputs.find((output) => output.variance === undefined);
    throw new ModelFileError(
      `outputs.${without?.name} has no variance, but other outputs have: expected one for each (0 where it is exact).`,
    );
  }
  return { mean, variance };
}

async function gradientProgram(
  list: InstructionList,
  mean: readonly Value[],
  inputs: number,
): Promise<Program | { missing: string }> {
  list.limit = MAX_WITH_DERIVATIVES;
  const partials = new Map<FunctionName, Partials | undefined>();
  for (const instruction of list.instructions) {
    if (instruction.kind !== 'call' || partials.has(instruction.name)) continue;
    partials.set(instruction.name, await partialsOf(instruction.name));
  }
  const differentiator = new Differentiator(list, partials);
  try {
    const gradient = mean.flatMap((value) => differentiator.gradient(value, inputs));
    return makeProgram(list.instructions, gradient);
  } catch (error) {
    if (error instanceof NoGradientError) return { missing: error.message };
    if (error instanceof TooManyInstructionsError)
      return { missing: 'its formulas are too long to differentiate' };
    throw error;
  }
}
