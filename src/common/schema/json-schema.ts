import type { ErrorObject, SchemaObject, ValidateFunction } from 'ajv/dist/2020.js';
import { describe, listNames, memberPath } from '../media/describe.js';
import type { InputIssue } from '../media/issue.js';

/** Most issues that one check reports. */
const LISTED = 20;

/** A JSON Schema (draft 2020-12) whose values are of type `T`, and what is wrong with a value that is none. */
export class JsonSchema<T> {
  #validate: ValidateFunction<T> | undefined;

  constructor(private readonly schema: SchemaObject) {}

  /** What is wrong with `value`, in plain words; empty where it is a `T`. */
  async issues(value: unknown): Promise<InputIssue[]> {
    const validate = await this.#compiled();
    if (validate(value)) return [];
    const errors = (validate.errors ?? []).filter(({ keyword }) => keyword !== 'if');
    return errors.slice(0, LISTED).map((error) => issue(error, value));
  }

  /** Compiled when first used: most processes never meet most schemas. */
  async #compiled(): Promise<ValidateFunction<T>> {
    if (!this.#validate) {
      const { Ajv2020 } = await import('ajv/dist/2020.js');
      const ajv = new Ajv2020({ allErrors: true, verbose: true, allowUnionTypes: true, discriminator: true });
      this.#validate = ajv.compile<T>(this.schema);
    }
    return this.#validate;
  }
}

function issue(error: ErrorObject, root: unknown): InputIssue {
  const { instancePath, keyword, params, message = '', data } = error;
  const parent = pathOf(instancePath, root);
  const names = params as Record<string, string>;
  if (keyword === 'required') {
    const path = memberPath(parent, names.missingProperty);
    return { path, received: 'nothing', expected: 'a value', message: `${path} is missing.` };
  }
  if (keyword === 'additionalProperties' || keyword === 'unevaluatedProperties') {
    const name = names.additionalProperty ?? names.unevaluatedProperty;
    const path = memberPath(parent, name);
    const known = Object.keys((error.parentSchema as { properties?: object } | undefined)?.properties ?? {});
    const expected = known.length > 0 ? `one of ${listNames(known)}` : 'no such field';
    return {
      path,
      received: 'an unknown field',
      expected,
      message: `${path} is not a known field: expected ${expected}.`,
    };
  }
  const path = parent === '' ? '(body)' : parent;
  const received = describe(data);
  const expected = expectation(keyword, params as Record<string, unknown>, message);
  return { path, received, expected, message: `${path} is ${received}: expected ${expected}.` };
}

function expectation(keyword: string, params: Record<string, unknown>, message: string): string {
  if (keyword === 'enum') return `one of ${(params.allowedValues as unknown[]).map(String).join(', ')}`;
  if (keyword === 'const') return String(params.allowedValue);
  return message.replace(/^must (be|have|match) /, (_, verb: string) =>
    verb === 'be' ? '' : verb === 'have' ? 'something with ' : 'a text that matches ',
  );
}

/** `inputs[0].name` of `/inputs/0/name`. */
function pathOf(pointer: string, root: unknown): string {
  let path = '';
  let value = root;
  for (const token of pointer.split('/').slice(1)) {
    const name = token.replaceAll('~1', '/').replaceAll('~0', '~');
    path = Array.isArray(value) ? `${path}[${name}]` : memberPath(path, name);
    value = (value as Record<string, unknown> | undefined)?.[name];
  }
  return path;
}
