import { describe, expect, it } from 'vitest';
import { InvalidInputError } from '../common/media/issue.js';
import { OPTION_NAMES } from './option-table.js';
import { readOptions } from './options.js';

const refusal = (query: Record<string, unknown>, body?: unknown): [path: string, received: string][] => {
  try {
    readOptions(query, body);
  } catch (error) {
    if (error instanceof InvalidInputError) return error.issues.map(({ path, received }) => [path, received]);
    throw error;
  }
  return [];
};

describe('readOptions', () => {
  it('is empty where nothing is asked for', () => {
    expect(readOptions({}, undefined)).toEqual({});
    expect(Object.keys(readOptions({}, {}))).toEqual([]);
  });

  it.each<[Record<string, unknown>, object]>([
    [
      { meanOnly: 'true', gradients: '1', covariance: '' },
      { meanOnly: true, gradients: true, covariance: true },
    ],
    [
      { squeeze: 'false', sampleNoise: '0' },
      { squeeze: false, sampleNoise: false },
    ],
    [{ quantiles: '2.5,97.5' }, { quantiles: [2.5, 97.5] }],
    [{ quantiles: ['5', '50,95'] }, { quantiles: [5, 50, 95] }],
    [{ quantiles: ' 5 , .5 ,1e1' }, { quantiles: [5, 0.5, 10] }],
    [
      { credibleInterval: '95', samples: '+3', seed: '0' },
      { credibleInterval: 95, samples: 3, seed: 0 },
    ],
    [{ x1: '1', unknown: 'left alone' }, {}],
  ])('reads the query %j', (query, options) => {
    expect(readOptions(query, undefined)).toEqual(options);
  });

  it("takes the body's values as they are", () => {
    const options = { meanOnly: false, quantiles: [0.1], samples: 10_000, seed: Number.MAX_SAFE_INTEGER };
    expect(readOptions({}, options)).toEqual(options);
  });

  it('joins query and body, of which the body wins', () => {
    expect(readOptions({ meanOnly: 'true', seed: '1' }, { seed: 2, samples: 3 })).toEqual({
      meanOnly: true,
      seed: 2,
      samples: 3,
    });
  });

  it.each<[Record<string, unknown>, string]>([
    [{ meanOnly: 'yes' }, 'meanOnly'],
    [{ meanOnly: ['true', 'true'] }, 'meanOnly'],
    [{ quantiles: '' }, 'quantiles'],
    [{ quantiles: '5,,6' }, 'quantiles'],
    [{ quantiles: '0x5' }, 'quantiles'],
    [{ quantiles: [Object.create(null)] }, 'quantiles'],
    [{ quantiles: Object.create(null) as object }, 'quantiles'],
    [{ samples: '1.5' }, 'samples'],
    [{ samples: '1e400' }, 'samples'],
    [{ seed: '-1' }, 'seed'],
    [{ credibleInterval: '100' }, 'credibleInterval'],
  ])('refuses the query %j', (query, path) => {
    expect(refusal(query).map(([wrong]) => wrong)).toEqual([path]);
  });

  it.each(OPTION_NAMES)('refuses null and an object for %s', (name) => {
    expect(refusal({}, { [name]: null })).toEqual([[`options.${name}`, 'null']]);
    expect(refusal({}, { [name]: { a: 1 } })).toEqual([[`options.${name}`, 'an object']]);
  });

  it.each([null, [], 'x', 5, true])('refuses %j in place of the options', (options) => {
    expect(refusal({}, options).map(([path]) => path)).toEqual(['options']);
  });

  it('refuses percentages that rounding takes to an end', () => {
    expect(refusal({}, { quantiles: [5e-324], credibleInterval: 99.99999999999999 })).toHaveLength(2);
    expect(refusal({}, { quantiles: [1e-300], credibleInterval: 99.9999999 })).toEqual([]);
  });

  it('lists all that is wrong, and suggests names', () => {
    expect(
      refusal({ samples: '0' }, { Seed: 1, 'a b': 2, covariance: 1 })
        .map(([path]) => path)
        .sort(),
    ).toEqual(['options.Seed', 'options.covariance', 'options["a b"]', 'samples']);
    expect(() => readOptions({}, { gradient: true })).toThrow(/Did you mean gradients\?/);
  });
});
