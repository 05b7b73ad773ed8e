import { describe, expect, it } from 'vitest';
import { buildKernel } from '../../../../numeric/kernels/kernels.js';
import { Random } from '../../../../numeric/random/random.js';
import { EXPRESSION_KERNEL_NAMES, EXPRESSION_KERNELS } from './kernel-parameters.js';
import { expressionOf, structureOf, takeNoise } from './kernel-structure.js';
import { KernelExpressionError } from './kernel-text.js';
import { parseKernel } from './parse-kernel.js';
import { printKernel } from './print-kernel.js';

const INPUTS = ['x1', 'x2', 'x3'];
const SCALES = [1, 10, 100];
const random = new Random(31);

describe('a kernel expression', () => {
  it.each([
    ['rbf', 'rbf'],
    [' rbf( ard )+white ', 'rbf(ard) + white'],
    ['matern52(ard) * linear + bias', 'matern52(ard) * linear + bias'],
    ['rbf(x1,x2)+matern32(x3)', 'rbf(x1, x2) + matern32(x3)'],
    ['(rbf + white) * linear', '(rbf + white) * linear'],
    ['((rbf)) + (bias + (white))', 'rbf + bias + white'],
    ['rbf * (linear * bias)', 'rbf * linear * bias'],
    [
      'rbf(lengthscale=[1, 2e1, .5], ard, variance=fixed(2))',
      'rbf(variance=fixed(2), lengthscale=[1, 20, 0.5])',
    ],
    ['rbf("x2", variance=1)', 'rbf(x2, variance=1)'],
    ['exp-quad-cosine(x3, period=2)', 'exp-quad-cosine(x3, period=2)'],
  ])('%s is %s', (text, canonical) => {
    expect(printKernel(parseKernel(text, INPUTS), INPUTS)).toBe(canonical);
    expect(parseKernel(canonical, INPUTS)).toEqual(parseKernel(text, INPUTS));
  });

  it.each<[string, number, RegExp]>([
    ['', 0, /name of a kernel, found the end/],
    ['rbf +', 5, /name of a kernel, found the end/],
    ['rbf ++ white', 5, /found "\+"/],
    ['rbf(ard', 7, /expected "\)", found the end/],
    ['rbf white', 4, /expected "\+", "\*" or the end/],
    ['rbv(ard)', 0, /"rbv" is no kernel; rbf is/],
    ['rbf(x4)', 4, /"x4" is no input; x1 is|"x4" is no input/],
    ['rbf(lengthscal=1)', 4, /no parameter of rbf; lengthscale is/],
    ['rbf(lengthscale=-1)', 4, /expected a number above 0/],
    ['rbf(lengthscale=[1,2])', 4, /2 numbers, expected one for each of 3 inputs/],
    ['rbf(variance=[1,2,3])', 4, /variance of rbf is one number/],
    ['rbf(variance=1e999)', 13, /too large/],
    ['rbf(variance=1, variance=2)', 16, /given twice/],
    ['rbf(x1, x1)', 8, /named twice/],
    ['white(x1)', 6, /looks at no input/],
    ['bias(ard)', 5, /no parameter for each input/],
    ['brownian', 0, /one input, got 3/],
    ['rbf; white', 3, /";" cannot stand here/],
    ['rbf("x1)', 4, /closing quote/],
    ['process.exit()', 7, /"\." cannot stand here/],
    [`${'('.repeat(40)}rbf`, 17, /nested more than 16/],
    [Array(60).fill('rbf').join('+'), 200, /more than 50 kernels/],
    ['a'.repeat(5000), 4000, /at most 4000/],
  ])('refuses what is wrong: no. %#', (text, at, problem) => {
    let error: unknown;
    try {
      parseKernel(text, INPUTS);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(KernelExpressionError);
    expect((error as KernelExpressionError).problem).toMatch(problem);
    expect((error as KernelExpressionError).at).toBe(at);
  });

  it('of any text is read or refused, and nothing else', () => {
    const pieces = ['rbf', 'white', '(', ')', '+', '*', '**', ',', '=', '[', ']', '1', '-2.5e3', 'ard', 'x1', '"x2"', 'fixed', ' ', '\n', 'é', '"', '\\', '\u0000', '{', '__proto__', 'constructor', 'lengthscale=']; // prettier-ignore
    let read = 0;
    for (let k = 0; k < 20_000; k++) {
      const length = 1 + Math.floor(random.uniform() * 14);
      const text = Array.from({ length }, () => pieces[Math.floor(random.uniform() * pieces.length)]).join(
        '',
      );
      try {
        const node = parseKernel(text, INPUTS);
        expect(parseKernel(printKernel(node, INPUTS), INPUTS)).toEqual(node);
        read++;
      } catch (error) {
        if (!(error instanceof KernelExpressionError)) throw error;
        expect(error.at).toBeLessThanOrEqual(text.length);
      }
    }
    expect(read).toBeGreaterThan(50);
  });
});

describe('the kernel of an expression', () => {
  it.each(EXPRESSION_KERNEL_NAMES)(
    '%s can be built, shared and by input, and printed with its values',
    (name) => {
      const column = name === 'brownian' ? 'x2' : '';
      const hasArd = Object.values(EXPRESSION_KERNELS[name]).some(({ perInput }) => perInput);
      for (const text of [`${name}(${column})`, ...(hasArd ? [`${name}(ard)`] : [])]) {
        const { spec } = structureOf(parseKernel(text, INPUTS), SCALES);
        expect(buildKernel(spec, 3).spec).toEqual(spec);
        const printed = printKernel(expressionOf(spec, 3)!, INPUTS);
        expect(structureOf(parseKernel(printed, INPUTS), SCALES).spec).toEqual(spec);
      }
    },
  );

  it('starts at the spread of the data, but where it says otherwise', () => {
    const { spec, fixed, given } = structureOf(
      parseKernel('rbf(ard) + matern32(x2, x3) * poly', INPUTS),
      SCALES,
    );
    expect(spec.parts?.[0].params).toEqual({ variance: 1, lengthscale: [1, 10, 100] });
    expect(spec.parts?.[1].parts?.[0]).toMatchObject({ dims: [1, 2], params: { lengthscale: 55 } });
    expect(fixed).toEqual(['kernel.parts[1].parts[1].order']);
    expect(given).toBe(false);
    const own = structureOf(parseKernel('rbf(variance=fixed(3), lengthscale=2)', INPUTS), SCALES);
    expect(own).toEqual({
      spec: { type: 'rbf', dims: [0, 1, 2], params: { variance: 3, lengthscale: 2 } },
      fixed: ['kernel.variance'],
      given: true,
    });
  });

  it('takes white in a sum for noise', () => {
    const noise = takeNoise(parseKernel('rbf + white(variance=fixed(0.1)) + bias', INPUTS));
    expect(noise).toMatchObject({ variance: 0.1, fixed: true });
    expect(printKernel(noise!.kernel, INPUTS)).toBe('rbf + bias');
    expect(takeNoise(parseKernel('rbf + white', INPUTS))).toMatchObject({
      variance: undefined,
      fixed: false,
    });
    expect(takeNoise(parseKernel('white', INPUTS))).toBeUndefined();
    expect(takeNoise(parseKernel('rbf * white', INPUTS))).toBeUndefined();
  });
});
