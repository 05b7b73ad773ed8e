import { writeNpy } from '../../src/common/media/npy.js';
import { writeNpz } from '../../src/common/media/npz.js';
import type { FuzzRandom } from './fuzz-random.js';

/** What may stand where a number should, as JSON text: not all of it is JSON. */
const VALUES = [
  'null', 'true', 'false', '""', '"1"', '"abc"', '"\\u0000"', '[]', '{}', '[1]', '{"a":1}', 'NaN', 'Infinity', '-Infinity', '1e400',
  '-1e400', '1e308', '-1e308', '1.7976931348623157e308', '5e-324', '-0', '1e-400', '9007199254740993', '1E5', '01', '.5', '1.', '+1', '0x10',
  'undefined', 'None', "'1'", '1,5', '1_000', '99999999999999999999999999999999', '"\ud800"', '"💥"', '[[[[[]]]]]', '-', '1e', '3',
]; // prettier-ignore
const NAMES = ['x1', 'x2', 'x3', 'x4', 'X1', ' x1', 'x01', '', '__proto__', 'constructor', 'toString', 'inputs', 'options', 'y', 'x1\\u0000', 'é', '"', 'a"b', 'file', 'length']; // prettier-ignore
const OPTIONS = ['meanOnly', 'latentVariance', 'quantiles', 'credibleInterval', 'gradients', 'covariance', 'samples', 'seed', 'sampleNoise', 'squeeze', 'Quantiles', 'nothing', '__proto__', 'constructor']; // prettier-ignore
const OPTION_VALUES = [...VALUES, '[2.5, 97.5]', '[0]', '[100]', '[50, "5"]', '[null]', '[1e308]', '50', '0.5', '100', '10001', '5', '[5e-324]', '99.99999999999999', '1.5']; // prettier-ignore

export const JSON_PIECES = ['{', '}', '[', ']', ':', ',', '"', '\\', '\\u', '\0', '\ufeff', 'NaN', '1e999', '/*', '//', '\n', 'x1', '"x1":1,', '"__proto__":', '-', '.', 'e', '\xff']; // prettier-ignore
const CSV_PIECES = [',', ';', '\t', '\n', '\r', '\r\n', '"', '""', '#', 'nan', 'inf', '1e400', 'x1', 'abc', ' ', '\0', '\ufeff', '-', '0x1', '\xff']; // prettier-ignore
const NPY_PIECES = ["'", '(', ')', '{', '}', 'True', '<f8', '|O', '>i4', '<U3', '999999999', '-1', 'L', ',', '\0', '\n', 'PK\x05\x06']; // prettier-ignore

const numbers = (random: FuzzRandom, count: number): number[] =>
  Array.from({ length: count }, () => random.int(-20, 20) / 8);

/** JSON of one of the four shapes, with values, names, widths and nesting that may be wrong. */
export function oddJson(random: FuzzRandom): string {
  const width = random.pick([3, 3, 3, 2, 4, 1, 0]);
  const value = (): string => (random.chance(0.2) ? random.pick(VALUES) : String(numbers(random, 1)[0]));
  const name = (j: number): string => (random.chance(0.12) ? random.pick(NAMES) : `x${j + 1}`);
  const row = (): string => {
    if (random.chance(0.05)) return random.pick(VALUES);
    const cells = Array.from({ length: width }, value);
    return random.chance(0.5)
      ? `[${cells.join(',')}]`
      : `{${cells.map((cell, j) => `"${name(j)}":${cell}`).join(',')}}`;
  };
  const rows = (): string => `[${Array.from({ length: random.int(0, 4) }, row).join(',')}]`;
  const shape = random.next();
  if (shape < 0.3) return row();
  if (shape < 0.6) return rows();
  const parts = [`"inputs":${random.chance(0.1) ? random.pick(VALUES) : rows()}`];
  if (random.chance(0.6)) parts.push(`"options":${oddOptions(random)}`);
  if (random.chance(0.1)) parts.push(`"${random.pick(NAMES)}":${random.pick(VALUES)}`);
  return `{${parts.join(',')}}`;
}

/** Rows that are in order, with options that may not be. */
export function oddOptions(random: FuzzRandom): string {
  if (random.chance(0.1)) return random.pick(OPTION_VALUES);
  const members = Array.from(
    { length: random.int(1, 4) },
    () => `"${random.pick(OPTIONS)}":${random.pick(OPTION_VALUES)}`,
  );
  return `{${members.join(',')}}`;
}

/** A query of options, some unknown, and values as a person might write them. */
export function oddOptionQuery(random: FuzzRandom): string {
  const value = (): string => {
    const text = random.pick([
      ...OPTION_VALUES,
      'true',
      'false',
      '1',
      '0',
      '',
      '2.5,97.5',
      '5,,6',
      ',',
      'yes',
      '%',
      '%ZZ',
      '%00',
      '1e9',
    ]);
    return random.chance(0.5)
      ? encodeURIComponent(text.replace(/[\ud800-\udfff]/g, ''))
      : text.replace(/[^!-~]/g, '');
  };
  return Array.from({ length: random.int(1, 3) }, () => `${random.pick(OPTIONS)}=${value()}`).join('&');
}

export function oddQuery(random: FuzzRandom): string {
  const value = (): string =>
    random.chance(0.3) ? random.pick(VALUES).replace(/[^!-~]/g, '') : String(numbers(random, 1)[0]);
  const name = (j: number): string =>
    random.chance(0.1) ? encodeURIComponent(random.pick(NAMES)) : `x${j + 1}`;
  const fields = Array.from(
    { length: random.int(0, 4) },
    (_, j) => `${name(j)}${random.pick(['=', '=', '=', '=', '', '[]=', '==', '%3D', '[a]='])}${value()}`,
  );
  return fields.join(random.pick(['&', '&', '&', ';', '&&'])).replace(/["#]/g, '%');
}

export function oddCsv(random: FuzzRandom): Buffer {
  const rows = Array.from({ length: random.int(0, 5) }, () =>
    numbers(random, random.chance(0.9) ? 3 : random.int(0, 5)).join(','),
  );
  if (random.chance(0.5))
    rows.unshift(
      random.pick(['x1,x2,x3', 'x3,x1,x2', 'x1;x2;x3', '# x1,x2,x3', 'x1,x2', 'a,b,c', '"x1","x2","x3"']),
    );
  const text = rows.join(random.pick(['\n', '\r\n', '\r']));
  return random.chance(0.8) ? random.damage(text, CSV_PIECES) : Buffer.from(text);
}

export function oddNpy(random: FuzzRandom): Buffer {
  const shape = random.pick([[2, 3], [3], [2, 2, 3], [0, 3], [4, 2], [], [6, 1]]); // prettier-ignore
  const size = shape.reduce((product, length) => product * length, 1);
  const data = Float64Array.from(numbers(random, size), (x) =>
    random.chance(0.1) ? random.pick([NaN, Infinity, 1e308, -0]) : x,
  );
  const file = writeNpy(shape, data);
  return random.chance(0.8) ? random.damage(file, NPY_PIECES) : file;
}

export function oddNpz(random: FuzzRandom): Buffer {
  const array = () => ({ shape: [2], data: Float64Array.from(numbers(random, 2)) });
  const names = random.pick([['x1', 'x2', 'x3'], ['x1', 'x2'], ['X'], ['x1', 'x2', 'x3', 'y'], [], ['../x1', 'x2', 'x3']]); // prettier-ignore
  const file = writeNpz(Object.fromEntries(names.map((name) => [name, array()])));
  return random.chance(0.8) ? random.damage(file, NPY_PIECES) : file;
}

/** Numbers at the ends of the range, in rows that are otherwise in order. */
export function hugeJson(random: FuzzRandom): string {
  const value = (): string =>
    random.pick([
      '1e308',
      '-1e308',
      '1.7976931348623157e308',
      '5e-324',
      '1e200',
      '-1e155',
      '1e16',
      '0',
      '0.5',
    ]);
  return `{"inputs":[[${value()},${value()},${value()}]],"options":${random.pick(['{}', '{"gradients":true}', '{"covariance":true,"samples":2}', '{"quantiles":[1e-300,99.9999]}'])}}`;
}

export function deepJson(random: FuzzRandom): string {
  const [open, close] = random.pick([['[', ']'], ['{"x1":', '}'], ['{"inputs":[', ']}'], ['[{"x1":', '}]']]); // prettier-ignore
  const depth = random.int(2, 2000);
  return `${open.repeat(depth)}${random.pick(['1', '', 'null'])}${close.repeat(depth - (random.chance(0.3) ? 1 : 0))}`;
}
