import { JsonSchema } from '../../common/schema/json-schema.js';
import type { ModelCheck } from '../model-check.js';
import schema from './expression.schema.json' with { type: 'json' };

type FormulaText = string | number;

/** The content of a file of formulas; what each member means is told in `expression.schema.json`. */
export interface ExpressionSpec {
  readonly description?: string;
  readonly inputs: readonly (string | InputSpec)[];
  readonly parameters?: Readonly<Record<string, number>>;
  readonly definitions?: Readonly<Record<string, FormulaText>>;
  readonly outputs: Readonly<Record<string, FormulaText | OutputSpec>>;
  readonly checks?: readonly ModelCheck[];
}

interface InputSpec {
  readonly name: string;
  readonly unit?: string;
  readonly lower?: number;
  readonly upper?: number;
}

interface OutputSpec {
  readonly expression: FormulaText;
  readonly variance?: FormulaText;
  readonly unit?: string;
}

export const EXPRESSION_SCHEMA = new JsonSchema<ExpressionSpec>(schema);

export function inputsOf({ inputs }: ExpressionSpec): InputSpec[] {
  return inputs.map((input) => (typeof input === 'string' ? { name: input } : input));
}

export function outputsOf({ outputs }: ExpressionSpec): (OutputSpec & { name: string })[] {
  return Object.entries(outputs).map(([name, output]) => ({
    name,
    ...(typeof output === 'object' ? output : { expression: output }),
  }));
}
