import type { GpState, MeanSpec, NoiseSpec } from '../../../../numeric/gp/gp-state.js';
import type { InputTransform } from '../../../../numeric/gp/input-transform.js';
import type { Matrix } from '../../../../numeric/linalg/matrix.js';
import type { ModelCheck } from '../../../model-check.js';
import type { ObservedProvenance, Provenance } from '../../../provenance.js';
import type { NamedVariable } from '../importer.js';
import type { Field, FieldMembers } from './field.js';

/** Members that our own file and plain JSON have in common. */
export const COMMON_FIELDS = [
  'noise', 'mean', 'outputNorm', 'inputTransform', 'inputs', 'outputs', 'checks', 'provenance',
] as const; // prettier-ignore
type CommonField = (typeof COMMON_FIELDS)[number];

/** What those members say: a part of the GP's state, and facts beside it. */
export interface ModelFields {
  readonly state: Pick<GpState, 'noise' | 'mean' | 'outputNorm' | 'inputTransform'>;
  readonly facts: {
    readonly inputs?: readonly NamedVariable[];
    readonly outputs?: readonly NamedVariable[];
    readonly checks?: readonly ModelCheck[];
    readonly provenance?: Provenance;
  };
}

const MAX_MEAN_DEPTH = 16;
const MAX_CHECKS = 1000;

/** Reads the common members for d inputs and p outputs; `slopeOf` finds the matrix of a linear mean. */
export function readModelFields(
  members: FieldMembers<CommonField>,
  d: number,
  p: number,
  slopeOf: (field: Field) => Matrix,
): ModelFields {
  const mean = members.optional('mean');
  const outputNorm = members.optional('outputNorm');
  const inputTransform = members.optional('inputTransform');
  const inputs = members.optional('inputs');
  const outputs = members.optional('outputs');
  const checks = members.optional('checks');
  const provenance = members.optional('provenance');
  return {
    state: {
      noise: readNoise(members.required('noise', 'the noise variance')),
      ...(mean && { mean: readMean(mean, slopeOf) }),
      ...(outputNorm && { outputNorm: readOutputNorm(outputNorm, p) }),
      ...(inputTransform && { inputTransform: readInputTransform(inputTransform, d) }),
    },
    facts: {
      ...(inputs && { inputs: readVariables(inputs, d) }),
      ...(outputs && { outputs: readVariables(outputs, p) }),
      ...(checks && { checks: readChecks(checks, d, p) }),
      ...(provenance && { provenance: readProvenance(provenance) }),
    },
  };
}

/** A variance, or `{type: "gaussian" | "by-index" | "heteroscedastic", ...}`. */
function readNoise(field: Field): NoiseSpec {
  if (!field.isObject) return { type: 'gaussian', variance: field.number(0) };
  const members = field.members(['type', 'variance', 'dim', 'variances']);
  const type = members.required('type', 'gaussian, by-index or heteroscedastic');
  switch (type.text()) {
    case 'gaussian':
      return { type: 'gaussian', variance: members.required('variance', 'a noise variance').number(0) };
    case 'by-index':
      return {
        type: 'by-index',
        dim: members.required('dim', 'the input column that holds the output index').wholeNumber(0),
        variances: members.required('variances', 'one noise variance an output index').numbers(undefined, 0),
      };
    case 'heteroscedastic':
      return { type: 'heteroscedastic' };
    default:
      return type.refuse('gaussian, by-index or heteroscedastic');
  }
}

/** A number or one an output, or `{type: "constant" | "linear" | "sum", value | A | parts}`. */
function readMean(field: Field, slopeOf: (field: Field) => Matrix, depth = 1): MeanSpec {
  if (!field.isObject) return { type: 'constant', value: field.numbers() };
  if (depth > MAX_MEAN_DEPTH) field.refuse(`at most ${MAX_MEAN_DEPTH} levels deep`);
  const members = field.members(['type', 'value', 'A', 'parts']);
  const type = members.required('type', 'constant, linear or sum');
  switch (type.text()) {
    case 'constant':
      return { type: 'constant', value: members.required('value', 'one number an output').numbers() };
    case 'linear':
      return { type: 'linear', A: slopeOf(members.required('A', 'the slopes, d x p')) };
    case 'sum': {
      const parts = members.required('parts', 'a list of means').list('a list of means');
      return { type: 'sum', parts: parts.map((part) => readMean(part, slopeOf, depth + 1)) };
    }
    default:
      return type.refuse('constant, linear or sum');
  }
}

function readOutputNorm(field: Field, p: number): NonNullable<GpState['outputNorm']> {
  const members = field.members(['mean', 'std']);
  const std = members.required('std', 'one deviation an output');
  const numbers = std.numbers(p);
  if (!numbers.every((value) => value > 0)) std.refuse('positive numbers, one an output');
  return { mean: members.required('mean', 'one mean an output').numbers(p), std: numbers };
}

function readInputTransform(field: Field, d: number): InputTransform {
  const members = field.members(['offset', 'scale']);
  const scale = members.required('scale', 'one scale an input');
  const numbers = scale.numbers(d);
  if (numbers.includes(0)) scale.refuse('numbers other than 0, one an input');
  return { offset: members.required('offset', 'one offset an input').numbers(d), scale: numbers };
}

/** Names alone, or objects. */
export function readVariables(field: Field, count: number): NamedVariable[] {
  const items = field.list(`a list of ${count} variables`);
  if (items.length !== count) field.refuse(`a list of ${count} variables`);
  const variables = items.map((item) => {
    if (!item.isObject) return { name: readName(item) };
    const members = item.members(['name', 'unit', 'lower', 'upper']);
    const unit = members.optional('unit')?.text();
    const lower = members.optional('lower')?.number();
    const upper = members.optional('upper')?.number(lower);
    return {
      name: readName(members.required('name', 'a name')),
      ...(unit !== undefined && { unit }),
      ...(lower !== undefined && { lower }),
      ...(upper !== undefined && { upper }),
    };
  });
  const twice = variables.findIndex(({ name }, i) => variables.findIndex((other) => other.name === name) < i);
  if (twice >= 0) items[twice].refuse('a name of its own', 'it appears twice');
  return variables;
}

/** Names stand in JSON, CSV headers, queries and messages. */
function readName(field: Field): string {
  const name = field.text('a name');
  if (/\p{Cc}/u.test(name) || name.trim() !== name) {
    field.refuse('a name without control characters, and without blanks around it');
  }
  return name;
}

function readChecks(field: Field, d: number, p: number): ModelCheck[] {
  const items = field.list('a list of checks');
  if (items.length > MAX_CHECKS) field.refuse(`a list of at most ${MAX_CHECKS} checks`);
  return items.map((item) => {
    const members = item.members(['x', 'mean', 'variance', 'tolerance']);
    const variance = members.optional('variance')?.numbers(p);
    const tolerance = members.optional('tolerance');
    return {
      x: members.required('x', `a point of ${d} numbers`).numbers(d),
      mean: members.required('mean', 'one number an output').numbers(p),
      ...(variance && { variance }),
      ...(tolerance && { tolerance: readTolerance(tolerance) }),
    };
  });
}

function readTolerance(field: Field): NonNullable<ModelCheck['tolerance']> {
  if (!field.isObject) return field.number(0);
  const members = field.members(['mean', 'variance']);
  return {
    mean: members.required('mean', 'an absolute tolerance').number(0),
    variance: members.required('variance', 'an absolute tolerance').number(0),
  };
}

const PROVENANCE_TEXTS = [
  'library', 'sourceFormat', 'sourceSha256', 'exporter', 'dataSha256', 'created',
] as const; // prettier-ignore

function readProvenance(field: Field): Provenance {
  const members = field.members([...PROVENANCE_TEXTS, 'versions', 'training', 'observed']);
  const texts = PROVENANCE_TEXTS.flatMap((name) => {
    const text = members.optional(name)?.text();
    return text === undefined ? [] : [[name, text] as const];
  });
  const versions = members.optional('versions')?.entries();
  const training = members.optional('training')?.entries();
  const observed = members.optional('observed');
  return {
    ...Object.fromEntries(texts),
    ...(training && { training: Object.fromEntries(training.map(([name, { value }]) => [name, value])) }),
    ...(observed && { observed: readObserved(observed) }),
    ...(versions && {
      versions: Object.fromEntries(versions.map(([name, version]) => [name, version.text()])),
    }),
  };
}

function readObserved(field: Field): ObservedProvenance {
  const members = field.members(['parentSha256', 'points', 'dataSha256', 'keySha256', 'requestSha256']);
  const keySha256 = members.optional('keySha256')?.text();
  const requestSha256 = members.optional('requestSha256')?.text();
  return {
    parentSha256: members.required('parentSha256', 'a SHA-256').text(),
    points: members.required('points', 'a number of rows').wholeNumber(1),
    dataSha256: members.required('dataSha256', 'a SHA-256').text(),
    ...(keySha256 !== undefined && { keySha256 }),
    ...(requestSha256 !== undefined && { requestSha256 }),
  };
}
