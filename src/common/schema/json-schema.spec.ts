import { expect, it } from 'vitest';
import { JsonSchema } from './json-schema.js';

const schema = new JsonSchema<object>({
  type: 'object',
  required: ['type'],
  additionalProperties: false,
  properties: {
    type: { const: 'expression' },
    inputs: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['name'],
        properties: {
          name: { type: 'string', pattern: '^[a-z]' },
          lower: { type: 'number' },
          kind: { enum: ['real', 'index'] },
        },
      },
    },
  },
});

it('finds nothing wrong with what fits', async () => {
  expect(await schema.issues({ type: 'expression', inputs: [{ name: 'x', lower: 1 }] })).toEqual([]);
});

it.each([
  [[], '(body)', '(body) is an empty array: expected object.'],
  [{}, 'type', 'type is missing.'],
  [{ type: 'onnx' }, 'type', 'type is the string "onnx": expected expression.'],
  [{ type: 'expression', x: 1 }, 'x', 'x is not a known field: expected one of type, inputs.'],
  [
    { type: 'expression', inputs: [{ name: 'x' }, { name: 'y', lower: 'a' }] },
    'inputs[1].lower',
    'inputs[1].lower is the string "a": expected number.',
  ],
  [
    { type: 'expression', inputs: [{ name: '1' }] },
    'inputs[0].name',
    'inputs[0].name is the string "1": expected a text that matches pattern "^[a-z]".',
  ],
  [
    { type: 'expression', inputs: [{ name: 'x', kind: 'odd' }] },
    'inputs[0].kind',
    'inputs[0].kind is the string "odd": expected one of real, index.',
  ],
  [
    { type: 'expression', inputs: [{ name: 'x', lower: Number.NaN }] },
    'inputs[0].lower',
    'inputs[0].lower is NaN: expected number.',
  ],
])('says where %j is wrong', async (value, path, message) => {
  expect(await schema.issues(value)).toEqual([expect.objectContaining({ path, message })]);
});
