import { ModelFileError } from './model-errors.js';
import type { Variable } from './model.js';

/** An input or output as a person writes it: its name alone, or with what else is known of it. */
export type VariableSpec = string | (Partial<Variable> & { readonly name: string });

/**
 * The variables of a list in a specification file, whose form `variables.schema.json` has checked.
 * Throws ModelFileError where a name comes twice, or bounds make no sense; `field` is what the list is called.
 */
export function readVariables(field: string, specs: readonly VariableSpec[]): Variable[] {
  const names = new Set<string>();
  return specs.map((spec, i) => {
    const variable: Variable =
      typeof spec === 'string' ? { name: spec, kind: 'real' } : { ...spec, kind: spec.kind ?? 'real' };
    const { name, kind, lower = -Infinity, upper = Infinity } = variable;
    if (names.has(name)) throw new ModelFileError(`${field}[${i}] is named ${name}, as is one before it.`);
    names.add(name);
    if (lower > upper) {
      throw new ModelFileError(`${field}[${i}] has a lower bound of ${lower}, above its upper of ${upper}.`);
    }
    if (kind === 'index' && !(Number.isSafeInteger(lower) && Number.isSafeInteger(upper))) {
      throw new ModelFileError(`${field}[${i}] is an index: it needs whole numbers as lower and upper.`);
    }
    return variable;
  });
}
