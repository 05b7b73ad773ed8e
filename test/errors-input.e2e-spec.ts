import { describe, expect, it } from 'vitest';
import { type NpyArray, writeNpy } from '../src/common/media/npy.js';
import { writeNpz } from '../src/common/media/npz.js';
import { expectProblem, paths } from './support/problem.js';
import { golden, useApp } from './support/test-app.js';

/** Bodies that can be read, but are not what the model takes: 400 INVALID_INPUT, each wrong field with its path. */
describe('wrong inputs', () => {
  const app = useApp({ 'iso.pkl': golden('gpy/rbf-iso.pkl') });
  const post = (type: string, body: string | Buffer) => app.request().post('/predict').type(type).send(body);

  it.each<[string, string, string[]]>([
    ['a missing input', '{"x1": 1, "x3": 3}', ['x2']],
    ['several missing', '{"x2": 1}', ['x1', 'x3']],
    ['an extra input', '{"x1": 1, "x2": 2, "x3": 3, "x4": 4}', ['x4']],
    ['a misspelt input', '{"x1": 1, "x2": 2, "X3": 3}', ['x3', 'X3']],
    ['a string', '{"x1": "abc", "x2": 2, "x3": 3}', ['x1']],
    ['a number in quotes', '{"x1": "1", "x2": 2, "x3": 3}', ['x1']],
    ['null', '{"x1": 1, "x2": null, "x3": 3}', ['x2']],
    ['true', '{"x1": 1, "x2": true, "x3": 3}', ['x2']],
    ['NaN', '{"x1": 1, "x2": NaN, "x3": 3}', ['x2']],
    ['Infinity', '{"x1": Infinity, "x2": -Infinity, "x3": 3}', ['x1', 'x2']],
    ['1e400', '{"x1": 1, "x2": 2, "x3": 1e400}', ['x3']],
    ['an array as input', '{"x1": [1], "x2": {}, "x3": 3}', ['x1', 'x2']],
    ['an empty object', '{}', ['(body)']],
    ['an empty batch', '[]', ['(body)']],
    ['an empty batch of inputs', '{"inputs": []}', ['inputs']],
    ['inputs that are none', '{"inputs": 5}', ['inputs']],
    ['something beside inputs', '{"inputs": [[1, 2, 3]], "x1": 1}', ['x1']],
    ['a flat array', '[1, 2, 3]', ['(body)']],
    ['a number', '5', ['(body)']],
    ['null alone', 'null', ['(body)']],
    ['a string alone', '"x1"', ['(body)']],
    ['rows of wrong width', '[[1, 2, 3], [1, 2], [1, 2, 3, 4]]', ['[1]', '[2]']],
    ['an empty row', '[[1, 2, 3], []]', ['[1]']],
    ['a wrong cell', '[[1, 2, 3], [4, null, "x"]]', ['[1][1]', '[1][2]']],
    ['a wrong cell of inputs', '{"inputs": [[1, 2, 3], [4, 5, 1e999]]}', ['inputs[1][2]']],
    ['a wrong row', '[{"x1": 1, "x2": 2, "x3": 3}, {"x1": 1, "x3": 3}, null]', ['[1].x2', '[2]']],
    ['a row too deep', '[[[1, 2, 3]]]', ['[0]']],
    ['__proto__', '{"x1": 1, "x2": 2, "x3": 3, "__proto__": 4}', ['__proto__']],
  ])('JSON with %s', async (_what, body, wrong) => {
    const problem = expectProblem(await post('application/json', body), 400, 'INVALID_INPUT');
    expect(paths(problem)).toEqual(wrong);
    for (const issue of problem.errors ?? []) {
      expect(issue.received).toMatch(/./);
      expect(issue.expected).toMatch(/./);
    }
  });

  it('says what came, what was expected and what to do', async () => {
    const problem = expectProblem(
      await post('application/json', '{"x1": "0.5", "x2": 2, "x3": 3}'),
      400,
      'INVALID_INPUT',
    );
    expect(problem.errors).toEqual([
      {
        path: 'x1',
        received: 'the string "0.5"',
        expected: 'a finite number',
        message: 'x1 must be a finite number, got the string "0.5": write the number without quotes.',
      },
    ]);
    expect(problem.detail).toBe(problem.errors?.[0].message);
  });

  it('lists twenty of a thousand wrong rows, and counts them all', async () => {
    const rows = Array.from({ length: 1000 }, () => [1, 2]);
    const problem = expectProblem(await post('application/json', JSON.stringify(rows)), 400, 'INVALID_INPUT');
    expect(problem.errors).toHaveLength(20);
    expect(problem.errorCount).toBe(1000);
    expect(problem.detail).toContain('1000 problems');
  });

  it.each<[string, string, [path: string, line: number][]]>([
    ['an empty text', '', []],
    ['a header and no rows', 'x1,x2,x3\n', []],
    ['blank lines only', '\n\n', []],
    ['a row too short', '1,2,3\n4,5\n', [['row', 2]]],
    ['a row too long', 'x1,x2,x3\n1,2,3,4\n', [['row', 2]]],
    ['a missing column', 'x1,x3\n1,3\n', [['x2', 1]]],
    ['an unknown column', 'x1,x2,x3,y\n1,2,3,4\n', [['y', 1]]],
    ['a column twice', 'x1,x2,x3,x2\n1,2,3,4\n', [['x2', 1]]],
    ['a word', 'x1,x2,x3\n1,2,3\n1,abc,3\n', [['x2', 3]]],
    ['an empty cell', 'x1,x2,x3\n1,,3\n', [['x2', 2]]],
    ['NaN and infinity', '1,nan,3\n1,2,-inf\n', [['x2', 1], ['x3', 2]]],
    ['1e400', '1,2,3\n1,1e400,3\n', [['x2', 2]]],
    ['a line that counts after a quoted line break', 'x1,x2,x3\n"\n1",2,3\n1,2,x\n', [['x3', 4]]],
  ])('CSV with %s', async (_what, body, wrong) => {
    const problem = expectProblem(await post('text/csv', body), 400, 'INVALID_INPUT');
    const places = problem.errors?.map(({ path, line }) => [path, line]);
    expect(places).toEqual(wrong.length === 0 ? [['(body)', undefined]] : wrong);
  }); // prettier-ignore

  const array = (shape: number[], value = 1): NpyArray => ({
    shape,
    data: new Float64Array(shape.reduce((product, length) => product * length, 1)).fill(value),
  });
  const npy = ({ shape, data }: NpyArray): Buffer => writeNpy(shape, data);

  it.each<[string, string, Buffer, string[]]>([
    ['npy of wrong width', 'npy', npy(array([5, 2])), ['(body)']],
    ['npy without rows', 'npy', npy(array([0, 3])), ['(body)']],
    ['npy of no dimension', 'npy', npy(array([])), ['(body)']],
    ['npy with NaN', 'npy', npy({ shape: [2, 3], data: Float64Array.of(1, 2, 3, 4, NaN, 6) }), ['[1, 1]']],
    ['npy with infinity', 'npy', npy({ shape: [3], data: Float64Array.of(1, 2, Infinity) }), ['[2]']],
    ['npz with an input missing', 'npz', writeNpz({ x1: array([2]), x2: array([2]) }), ['x3']],
    ['npz of unequal shapes', 'npz', writeNpz({ x1: array([2]), x2: array([2]), x3: array([3]) }), ['x3']],
    [
      'npz with an extra array',
      'npz',
      writeNpz({ x1: array([2]), x2: array([2]), x3: array([2]), y: array([2]) }),
      ['y'],
    ],
    ['npz of wrong width', 'npz', writeNpz({ X: array([2, 2]) }), ['X']],
    ['npz without arrays', 'npz', writeNpz({}), ['x1', 'x2', 'x3']],
  ])('%s', async (_what, format, body, wrong) => {
    const problem = expectProblem(await post(`application/x-${format}`, body), 400, 'INVALID_INPUT');
    expect(paths(problem)).toEqual(wrong);
  });

  it('numbers too large for the arithmetic of the model are told with their row', async () => {
    const response = await app.request().post('/predict?gradients').send([[1, 2, 3], [1e308, -1e308, 1e308]]); // prettier-ignore
    if (response.status !== 200) expect(expectProblem(response, 422, 'RESULT_NOT_FINITE').row).toBe(1);
    else expect(JSON.stringify(response.body)).not.toContain('null');
  });
});
