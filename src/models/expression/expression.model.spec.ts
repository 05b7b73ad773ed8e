import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { evaluate } from 'mathjs';
import { expectClose } from '../../../test/support/close.js';
import { ROOT } from '../../../test/support/test-app.js';
import { withFile } from '../../../test/support/with-file.js';
import { WORKER_ENTRY } from '../../../test/support/worker-entry.js';
import { loadConfig } from '../../common/config/config.js';
import { WorkerPool } from '../../common/pool/worker-pool.js';
import { Matrix } from '../../numeric/linalg/matrix.js';
import { Random } from '../../numeric/random/random.js';
import { describeModelContract } from '../model.contract.js';
import type { LoadedModel } from '../model-type.js';
import { ExpressionModelType } from './expression.model-type.js';

const pool = new WorkerPool(loadConfig({ THREADS: '2' }), WORKER_ENTRY);
const type = new ExpressionModelType(pool);
afterAll(() => pool.onApplicationShutdown());

function load(text: string, name = 'model.yaml'): Promise<LoadedModel> {
  return withFile(name, text, (file) => type.load(file));
}

const model = async (text: string) => (await load(text)).model;
const lines = (...text: string[]): string => ['type: expression', ...text, ''].join('\n');
const formula = (text: string): string =>
  lines('inputs: [x1, x2]', 'outputs:', `  y: ${JSON.stringify(text)}`);

function rows(count: number, cols: number, from: number, to: number): number[][] {
  const random = new Random(4);
  return Array.from({ length: count }, () =>
    Array.from({ length: cols }, () => from + (to - from) * random.uniform()),
  );
}

const ISHIGAMI = lines(
  'description: Ishigami function',
  'inputs: [{ name: x1, lower: -3.14, upper: 3.14, unit: rad }, x2, x3]',
  'parameters: { a: 7, b: 0.1 }',
  'outputs:',
  '  y: sin(x1) + a * sin(x2)^2 + b * x3^4 * sin(x1)',
  'checks:',
  '  - { x: [1, 2, 3], mean: [13.4451386347745] }',
);
const NOISY = lines(
  'inputs: [x1, x2]',
  'definitions:',
  '  r: hypot(x1, x2 - 1, 0.5)',
  '  s: r * log(1 + r^2) + x1',
  'outputs:',
  '  y: { expression: s^2 - r, variance: 0.1 + 0.01 * s^2, unit: m }',
  '  z: { expression: exp(-s / 3), variance: 0.2 }',
);
const PIECEWISE = lines(
  'inputs: [x1, x2]',
  'outputs:',
  '  y: "x1 < 0 ? x1^3 : max(x1, 2 * x2, 0.1) * abs(x2)"',
  '  z: "-1 < x1 < 1 ? floor(3.7) * x1 : square(x2) / (3 + atan2(x1, 5))"',
);

describeModelContract('expression (Ishigami)', () => model(ISHIGAMI), {
  inside: rows(7, 3, -3, 3),
  longRows: 1_000_000,
});
describeModelContract('expression (with noise and definitions)', () => model(NOISY), {
  inside: rows(9, 2, -2, 2),
  longRows: 300_000,
});
describeModelContract('expression (piecewise)', () => model(PIECEWISE), {
  inside: rows(20, 2, -2, 2),
  longRows: 300_000,
});
describeModelContract('expression (a step, without gradient)', () => model(formula('floor(x1) + 2 x2')), {
  inside: rows(5, 2, -2, 2),
  longRows: 1_000_000,
});

describe('an expression model', () => {
  it('is what the file says', async () => {
    const { model: ishigami, format, checks } = await load(ISHIGAMI);
    expect(format).toBe('formulas in mathjs syntax');
    expect(checks).toEqual([{ x: [1, 2, 3], mean: [13.4451386347745] }]);
    expect(ishigami.inputs).toEqual([
      { name: 'x1', kind: 'real', unit: 'rad', lower: -3.14, upper: 3.14 },
      { name: 'x2', kind: 'real' },
      { name: 'x3', kind: 'real' },
    ]);
    expect(ishigami.outputs).toEqual([{ name: 'y', kind: 'real' }]);
    expect(ishigami.supportedMethods).toEqual(['gradient']);
    expect(ishigami.describe()).toMatchObject({
      description: 'Ishigami function',
      parameters: { a: 7, b: 0.1 },
    });
    const noisy = await model(NOISY);
    expect(noisy.outputs[0]).toEqual({ name: 'y', kind: 'real', unit: 'm' });
    expect(noisy.supportedMethods).toEqual(['variance', 'gradient']);
    expect(noisy.describe().variance).toBe('observed');
  });

  it('may be JSON', async () => {
    const text = JSON.stringify({ type: 'expression', inputs: ['x'], outputs: { y: '2 x', one: 1 } });
    const { model: read } = await load(text, 'model.json');
    const { mean } = await read.predict(Matrix.fromRows([[3]]), {});
    expect([...mean.data]).toEqual([6, 1]);
  });

  it.each([
    'x1 + x2 * 3 - -x1 / 7',
    '2^(1 + abs(x1))^x2 + x1 % 3',
    '(x1 > 0 and not (x2 >= 1)) or x1 == x2 ? x1 : -x2',
    'x1 > 0 ? (x2 > 0 ? 1 : 2) : x2 > 0 ? 3 : 4',
    '0 <= x1 < 1 <= x2',
    'true + (x1 != x2) xor false',
    'log(x1^2 + 1, 3) + log(5, 2)',
    'min(x1, x2, 0, -1.5) + max(x2, x1)',
    '3 x1 * (x2 + 1) + pi e tau phi LN2 LN10 LOG2E LOG10E SQRT2 SQRT1_2',
    'sinh(x1) cosh(x2) tanh(x1) + sech(x1) + atan(x1) cbrt(x2) - hypot(x1, x2, 3)',
    'round(x1) + fix(x2) + ceil(x1) + floor(x2) + sign(x1 - x2)',
    '0x1F + 1e-3 x1',
  ])("%s has mathjs's own value", async (text) => {
    const X = Matrix.fromRows(rows(50, 2, -3, 3));
    const { mean } = await (await model(formula(text))).predict(X, {});
    for (let i = 0; i < X.rows; i++) {
      const expected = Number(evaluate(text, { x1: X.get(i, 0), x2: X.get(i, 1) }));
      expect(Math.abs(mean.data[i] - expected)).toBeLessThanOrEqual(1e-13 * Math.max(1, Math.abs(expected)));
    }
  });

  it.each([
    ['degC', 'K'],
    ['degF', 'degC'],
    ['km/h', 'm/s'],
    ['bar', 'Pa'],
    ['deg', 'rad'],
    ['K', 'degR'],
  ])('converts %s to %s as mathjs does', async (from, to) => {
    const text = `number(unit(x1 * 2, "${from}"), "${to}")`;
    const converted = await model(formula(text));
    for (const x1 of [-40, 0, 0.3, 25, 1e6]) {
      const { mean, meanGradient = [] } = await converted.predict(Matrix.fromRows([[x1, 0]]), {
        gradients: true,
      });
      const expected = evaluate(text, { x1 }) as number;
      expect(Math.abs(mean.data[0] - expected)).toBeLessThanOrEqual(
        4e-15 * Math.max(500, Math.abs(expected)),
      );
      const slope =
        (2 * ((evaluate(text, { x1: 1e6 }) as number) - (evaluate(text, { x1: 0 }) as number))) / 2e6;
      expect(meanGradient[0] / slope).toBeCloseTo(1, 12);
    }
  });

  it('computes in every block and on every worker what it computes for one row', async () => {
    const ishigami = await model(ISHIGAMI);
    const N = 1_000_003;
    const X = Matrix.zeros(N, 3);
    for (let k = 0; k < X.data.length; k++) X.data[k] = Math.sin(k);
    const { mean, meanGradient = new Float64Array() } = await ishigami.predict(X, { gradients: true });
    for (const i of [0, 1, 127, 128, 129, 500_000, N - 2, N - 1]) {
      const [x1, x2, x3] = X.row(i);
      expect(mean.data[i]).toBeCloseTo(
        Math.sin(x1) + 7 * Math.sin(x2) ** 2 + 0.1 * x3 ** 4 * Math.sin(x1),
        13,
      );
      expect(meanGradient[3 * i + 2]).toBeCloseTo(0.4 * x3 ** 3 * Math.sin(x1), 13);
    }
  });

  it('has finite slopes at kinks', async () => {
    const kinks = await model(formula('abs(x1) + max(x1, x2) + min(x1, x2) + cbrt(x1 - 8)'));
    const { meanGradient = [] } = await kinks.predict(Matrix.zeros(1, 2), { gradients: true });
    expect(meanGradient[0]).toBeCloseTo(2 + 1 / 12, 14);
    expect(meanGradient[1]).toBe(0);
  });

  it('says why there is no gradient', async () => {
    const steps = await model(formula('x1 * round(x2)'));
    expect(() => steps.requireSupportFor({ gradients: true })).toThrow(
      'This model (type expression) does not support gradient: round has no derivative.',
    );
    // What does not depend on an input, and a condition, need none.
    const fine = await model(formula('x1 > 1 ? round(2.5) * x1 : x2'));
    expect(fine.supports('gradient')).toBe(true);
  });

  it('gives NaN where a root is complex, and infinity for a division by zero', async () => {
    const { mean } = await (
      await model(formula('sqrt(x1) + 1 / x2'))
    ).predict(
      Matrix.fromRows([
        [-1, 1],
        [1, 0],
        [4, 2],
      ]),
      {},
    );
    expect([...mean.data]).toEqual([NaN, Infinity, 2.5]);
  });

  it('refuses to answer with a negative variance', async () => {
    const bad = await model(lines('inputs: [x]', 'outputs:', '  y: { expression: x, variance: 1 - x }'));
    await expect(bad.predict(Matrix.fromRows([[0], [3]]), {})).rejects.toThrow(
      "The variance of y in row 1 is -2: the model's formula for it holds for other inputs only.",
    );
    expect([...(await bad.predict(Matrix.fromRows([[3]]), { meanOnly: true })).mean.data]).toEqual([3]);
  });
});

describe('a file of formulas is refused', () => {
  it.each([
    // What mathjs could do beyond arithmetic.
    ['import("fs")', 'outputs.y calls "import"'],
    ['createUnit("foo")', 'outputs.y calls "createUnit"'],
    ['evaluate("1")', 'outputs.y calls "evaluate"'],
    ['parse("1")', 'outputs.y calls "parse"'],
    ['simplify("x1")', 'calls "simplify"'],
    ['derivative("x1", "x1")', 'calls "derivative"'],
    ['chain(x1)', 'calls "chain"'],
    ['typed("f")', 'calls "typed"'],
    ['help(sin)', 'calls "help"'],
    ['random()', 'calls "random"'],
    ['zeros(100000, 100000)', 'calls "zeros"'],
    ['constructor("return 1")', 'calls "constructor"'],
    ['toString()', 'calls "toString"'],
    ['__proto__(1)', 'calls "__proto__"'],
    ['x1.constructor', 'holds a property or an index'],
    ['x1[1]', 'holds a property or an index'],
    ['sin["constructor"]', 'holds a property or an index'],
    ['cos.constructor("return process")', 'holds a call of something that has no name'],
    ['[1, 2]', 'holds an array'],
    ['{a: 1}', 'holds an object'],
    ['1:10', 'holds a range'],
    ['x1 = 2', 'holds an assignment'],
    ['f(x) = x', 'holds the definition of a function'],
    ['x1; x2', 'holds several statements'],
    ['"text"', 'holds a string'],
    ['null', 'holds null'],
    ['x1!', 'holds the operator !'],
    ["x1'", "holds the operator '"],
    ['x1 | x2', 'holds the operator |'],
    ['x1 .* x2', 'holds the operator .*'],
    ['x1 ?? x2', 'holds the operator ??'],
    ['unit(x1, "m")', 'calls "unit"'],
    ['x1 degC to K', 'holds the operator to'],
    ['number(x1)', 'converts units in a way that is not known'],
    ['number(unit(x1, x2), "m")', 'converts units in a way that is not known'],
    ['number(unit(x1, "m"), "s")', 'cannot convert "m" to "s"'],
    ['number(unit(x1, "nothing"), "s")', 'cannot convert "nothing" to "s"'],
    // What is wrong with the text.
    ['', 'outputs.y is empty'],
    ['x1 +', 'outputs.y cannot be read: Unexpected end of expression'],
    ['end = 1', 'outputs.y cannot be read: Cannot assign to symbol "end"'],
    ['1e999', 'holds Infinity'],
    ['Infinity', 'holds Infinity, which is not a finite number'],
    ['NaN', 'holds NaN'],
    ['x1 * i', '"i", which is not defined'],
    ['sin', '"sin", which is not defined'],
    ['sin(x1, x2)', 'gives sin 2: it takes 1 argument'],
    ['atan2(x1)', 'gives atan2 1: it takes 2 arguments'],
    ['max(x1)', 'gives max 1: it takes 2 or more arguments'],
    ['sinn(x1)', 'did you mean sin?'],
    ['x1 + speeed', '"speeed", which is not defined above it. Known here: x1, x2, pi'],
    ['X1 + 1', 'Did you mean x1?'],
    ['('.repeat(4000) + 'x1' + ')'.repeat(4000), 'outputs.y is nested too deeply'],
    ['-'.repeat(9000) + 'x1', 'outputs.y is nested too deeply'],
    [`x1${' + x1'.repeat(3000)}`, 'outputs.y has 15002 characters'],
  ])('%s', async (text, reason) => {
    await expect(load(formula(text))).rejects.toThrow(reason);
    await expect(load(formula(text))).rejects.toMatchObject({ code: 'MODEL_FILE_REFUSED' });
  });

  it.each([
    ['inputs: [x]', 'outputs is missing'],
    ['inputs: []\noutputs: { y: 1 }', 'inputs'],
    ['inputs: [x]\noutputs: {}', 'outputs'],
    ['inputs: [x]\noutputs: { y: [1] }', 'outputs.y is an array'],
    ['inputs: [x]\nouputs: { y: x }\noutputs: { y: x }', 'ouputs is not a known field'],
    ['inputs: [x]\nparameters: { a: "7" }\noutputs: { y: x }', 'parameters.a is'],
    ['inputs: [x, x]\noutputs: { y: x }', 'inputs[1]: the name "x" is given twice'],
    ['inputs: [x]\nparameters: { x: 1 }\noutputs: { y: x }', 'parameters.x: the name "x" is given twice'],
    ['inputs: [2x]\noutputs: { y: 1 }', '"2x" is not a name'],
    ['inputs: [wind speed]\noutputs: { y: 1 }', '"wind speed" is not a name'],
    ['inputs: [x]\noutputs: { 2y: 1 }', '"2y" is not a name'],
    ['inputs: [sin]\noutputs: { y: 1 }', '"sin" means something else'],
    [
      'inputs: [x]\ndefinitions: { a: b, b: x }\noutputs: { y: a }',
      'definitions.a uses "b", which is not defined above',
    ],
    ['inputs: [x]\noutputs: { y: x, z: y }', 'outputs.z uses "y"'],
    ['inputs: [x]\noutputs: { y: x, z: { expression: x, variance: 1 } }', 'outputs.y has no variance'],
    [
      'inputs: [x]\noutputs: { y: x }\nchecks: [{ x: [1, 2], mean: [1] }]',
      'checks[0].x has 2 numbers, expected 1',
    ],
    ['inputs: [x]\noutputs: { y: x }\nchecks: [{ x: [1], mean: [1, 2] }]', 'checks[0].mean has 2 numbers'],
    ['inputs: [x', 'Not valid YAML'],
  ])('%s', async (text, reason) => {
    await expect(load(lines(text))).rejects.toThrow(reason);
  });

  it('with formulas that would take too long together', async () => {
    const definitions = Array.from({ length: 60 }, (_, k) => `  d${k}: ${`sin(${k}.$ * x) + `.repeat(400)}x`)
      .map((line, k) => line.replaceAll('$', () => String(k)))
      .map((line) => {
        let count = 0;
        return line.replace(/sin\(/g, () => `sin(${count++} + `);
      });
    await expect(
      load(lines('inputs: [x]', 'definitions:', ...definitions, 'outputs: { y: d1 }')),
    ).rejects.toThrow('The formulas are too long: more than 20000 operations together.');
  });

  it('but only its gradient, where that would take too long', async () => {
    const inputs = Array.from({ length: 1000 }, (_, k) => `x${k}`);
    // Each of so many sums has as many slopes as there are inputs, though none is an operation of its own.
    const sums = Array.from({ length: 15 }, (_, k) => {
      const terms = Array.from({ length: 200 }, (_term, i) => `${k}.${i}1`).join(' + ');
      return `  c${k}: ${k > 0 ? `c${k - 1}` : inputs.join(' + ')} + ${terms}`;
    });
    const text = lines(`inputs: [${inputs.join(', ')}]`, 'definitions:', ...sums, 'outputs: { y: c14 }');
    const long = await model(text);
    expect(() => long.requireSupportFor({ gradients: true })).toThrow(
      'its formulas are too long to differentiate',
    );
    expect(long.supports('gradient')).toBe(false);
  });

  it('but not with definitions that grow when they are written out', async () => {
    const definitions = Array.from(
      { length: 60 },
      (_, k) => `  d${k}: ${k === 0 ? 'x' : `d${k - 1} + d${k - 1}`}`,
    );
    const doubled = await model(lines('inputs: [x]', 'definitions:', ...definitions, 'outputs: { y: d59 }'));
    const { mean, meanGradient } = await doubled.predict(Matrix.fromRows([[3]]), { gradients: true });
    expect([mean.data[0], meanGradient?.[0]]).toEqual([3 * 2 ** 59, 2 ** 59]);
  });
});

it('the example of the documentation is a model, and makes the predictions that it says', async () => {
  const page = readFileSync(join(ROOT, 'docs/model-types.md'), 'utf8');
  const [, yaml] = /```yaml\n(.*?)```/s.exec(page) ?? [];
  const { model: example, checks = [] } = await load(yaml);
  expect(checks).toHaveLength(1);
  for (const { x, mean } of checks) {
    const answer = await example.predict(Matrix.fromRows([x]), {});
    expectClose('mean', answer.mean.data, mean, { absolute: 0, relative: 1e-13 });
  }
});

it('only a file that says so is taken for formulas', async () => {
  const recognised = (name: string, text: string) => withFile(name, text, (file) => type.recognises(file));
  expect(await recognised('model.yaml', ISHIGAMI)).toBe(true);
  expect(await recognised('model.yml', ISHIGAMI)).toBe(true);
  expect(await recognised('model.json', '{"type": "expression"}')).toBe(true);
  expect(await recognised('model.yaml', 'type: remote\n')).toBe(false);
  expect(await recognised('model.txt', ISHIGAMI)).toBe(false);
});
