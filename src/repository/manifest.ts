import type { ModelCheck } from '../models/model-check.js';
import type { ModelAbout } from '../models/model-entry.js';
import { ModelFileError } from '../models/model-errors.js';
import type { ModelFile } from '../models/model-file.js';
import type { Model, Variable } from '../models/model.js';
import { readSpec } from '../models/spec-file.js';
import { JsonSchema } from '../common/schema/json-schema.js';
import schema from './manifest.schema.json' with { type: 'json' };

/** `model.json`, as manifest.schema.json describes it. */
export interface Manifest extends ModelAbout {
  readonly inputs?: readonly ManifestVariable[];
  readonly outputs?: readonly ManifestVariable[];
  readonly checks?: readonly ManifestCheck[];
}
type ManifestVariable = Pick<Variable, 'name' | 'unit' | 'lower' | 'upper' | 'description'>;
interface ManifestCheck extends Pick<ModelCheck, 'tolerance'> {
  readonly inputs: readonly number[] | Readonly<Record<string, number>>;
  readonly mean: number | readonly number[];
  readonly variance?: number | readonly number[];
}

const MANIFEST_SCHEMA = new JsonSchema<Manifest>(schema);

/** Throws ModelFileError where it is no valid manifest. */
export async function readManifest(file: ModelFile): Promise<Manifest> {
  try {
    return await readSpec(file, MANIFEST_SCHEMA);
  } catch (error) {
    if (!(error instanceof ModelFileError)) throw error;
    throw new ModelFileError(`${file.fileName}: ${error.message}`);
  }
}

/** What the manifest says of a model, fitted to the model. Throws ModelFileError where the two do not fit. */
export function applyManifest(
  manifest: Manifest,
  model: Model,
): { inputs: readonly Variable[]; outputs: readonly Variable[]; checks: readonly ModelCheck[] } {
  const inputs = rename('inputs', model.inputs, manifest.inputs);
  const outputs = rename('outputs', model.outputs, manifest.outputs);
  const checks = (manifest.checks ?? []).map(({ inputs: x, mean, variance, tolerance }, index) => ({
    x: Array.isArray(x) ? fit(`checks[${index}].inputs`, x, inputs) : byName(index, x, inputs),
    mean: fit(`checks[${index}].mean`, mean, outputs),
    ...(variance !== undefined && { variance: fit(`checks[${index}].variance`, variance, outputs) }),
    ...(tolerance && { tolerance }),
  }));
  return { inputs, outputs, checks };
}

function rename(
  field: string,
  own: readonly Variable[],
  given: readonly ManifestVariable[] | undefined,
): readonly Variable[] {
  if (!given) return own;
  if (given.length !== own.length) {
    throw new ModelFileError(
      `model.json: ${field} has ${given.length} entries, but the model has ${own.length} ${field}.`,
    );
  }
  const names = new Set<string>();
  return given.map((variable, index) => {
    const { name, lower = -Infinity, upper = Infinity } = variable;
    if (names.has(name))
      throw new ModelFileError(`model.json: ${field} has the name ${JSON.stringify(name)} twice.`);
    names.add(name);
    if (lower > upper) {
      throw new ModelFileError(`model.json: ${field}[${index}] has lower ${lower} above its upper ${upper}.`);
    }
    // Where an input is an index, its range is the model's to say.
    const { kind } = own[index];
    return kind === 'index'
      ? { ...own[index], ...variable, ...rangeOf(own[index]) }
      : { ...own[index], ...variable };
  });
}

function rangeOf({ lower, upper }: Variable): Pick<Variable, 'lower' | 'upper'> {
  return { ...(lower !== undefined && { lower }), ...(upper !== undefined && { upper }) };
}

function byName(index: number, x: ManifestCheck['inputs'], inputs: readonly Variable[]): readonly number[] {
  const given = x as Readonly<Record<string, number>>;
  const unknown = Object.keys(given).find((name) => !inputs.some((input) => input.name === name));
  const missing = inputs.find(({ name }) => !Object.hasOwn(given, name));
  if (unknown !== undefined)
    throw new ModelFileError(`model.json: checks[${index}].inputs has ${unknown}, which is no input.`);
  if (missing) throw new ModelFileError(`model.json: checks[${index}].inputs lacks ${missing.name}.`);
  return inputs.map(({ name }) => given[name]);
}

function fit(
  field: string,
  values: number | readonly number[],
  variables: readonly Variable[],
): readonly number[] {
  const list = typeof values === 'number' ? [values] : values;
  if (list.length === variables.length) return list;
  throw new ModelFileError(
    `model.json: ${field} has ${list.length} values, expected ${variables.length} (${variables.map(({ name }) => name).join(', ')}).`,
  );
}
