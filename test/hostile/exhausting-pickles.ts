import type { HostilePickle } from './hostile-pickle.js';
import { global, pickle, RepeatingSource, text, uint32 } from './pickle-assembler.js';

const GIB = 2 ** 30;
const OUT_OF_BUDGET = /^limit: more objects than \d+ bytes of memory hold/;

/** One gigabyte of the same few bytes, each of which asks for memory or work. */
const FLOODS: readonly (readonly [name: string, prefix: string, pattern: string, expect: RegExp])[] = [
  ['empty lists', '', ']', OUT_OF_BUDGET],
  ['empty dicts', '', '}', OUT_OF_BUDGET],
  ['empty sets', '', '\x8f', OUT_OF_BUDGET],
  ['empty tuples', '', ')', OUT_OF_BUDGET],
  ['MARKs', '', '(', OUT_OF_BUDGET],
  ['numbers', '', 'G0000000\0', OUT_OF_BUDGET],
  ['DUP', 'N', '2', OUT_OF_BUDGET],
  ['push and pop', '', 'N0', OUT_OF_BUDGET],
  ['memo entries', 'N', '\x94', OUT_OF_BUDGET],
  ['one memo entry again and again', 'N', 'p1\n', OUT_OF_BUDGET],
  ['references to one string', `${text('a'.repeat(200))}\x94`, 'h\0', OUT_OF_BUDGET],
  ['dicts of one entry', '', '}NNs', OUT_OF_BUDGET],
  ['lists of one element', '', ']Na', OUT_OF_BUDGET],
  ['tuples of three', 'NNN', '\x87NN', OUT_OF_BUDGET],
  ['instances', `${global('GPy.models.gp_regression', 'GPRegression')}\x94`, 'h\0)\x81', OUT_OF_BUDGET],
  [
    'arrays',
    `${global('numpy.core.multiarray', '_reconstruct')}\x94${global('numpy', 'ndarray')}\x94`,
    'h\0h\x01\x85R',
    OUT_OF_BUDGET,
  ],
  ['integers of 2000 digits', '', `L${'7'.repeat(2000)}L\n`, OUT_OF_BUDGET],
  ['integers of 255 bytes', '', `\x8a\xff${'7'.repeat(255)}`, OUT_OF_BUDGET],
  ['short strings', '', `X${uint32(1000)}${'a'.repeat(1000)}`, OUT_OF_BUDGET],
  ['protocol headers', '', '\x80\x04', OUT_OF_BUDGET],
  ['empty frames', '', `\x95${'\0'.repeat(8)}`, OUT_OF_BUDGET],
  ['an endless line of text', 'V', 'a', /^truncated: the file ends inside a line of text/],
  ['an endless name', 'c', 'a', /^limit: a line of more than 512 bytes/],
  ['an endless number', 'I', '1', /^limit: a line of more than 2500 bytes/],
];

export function exhaustingPickles(): HostilePickle[] {
  return [
    ...FLOODS.map(([name, prefix, pattern, expect]) => ({
      name: `1 GiB of ${name}`,
      content: () => new RepeatingSource(prefix, pattern, GIB),
      expect,
    })),
    {
      name: '400,000 nested lists',
      content: () => pickle(']'.repeat(4e5), 'a'.repeat(4e5 - 1), '.'),
      expect: 'harmless',
    },
    {
      name: 'a million nested tuples',
      content: () => pickle('N', '\x85'.repeat(1e6), '.'),
      expect: 'harmless',
    },
    { name: 'a list that contains itself', content: () => pickle(']\x94h\0a.'), expect: 'harmless' },
    {
      name: 'a dict that is its own key and value',
      content: () => pickle('}\x94h\0h\0s.'),
      expect: 'harmless',
    },
    { name: 'billion laughs', content: billionLaughs, expect: 'harmless' },
    { name: 'sets made of one large list', content: setsOfOneList, expect: OUT_OF_BUDGET },
    { name: 'bytes made of one large text', content: bytesOfOneText, expect: 'harmless' },
    { name: 'instances made of one large list', content: instancesOfOneList, expect: OUT_OF_BUDGET },
    {
      name: 'one name again and again',
      content: () => new RepeatingSource('', 'cnumpy\nndarray\n0', GIB),
      expect: OUT_OF_BUDGET,
    },
  ];
}

/** Thirty lists, each with ten references to the one before: 10^30 leaves for whoever walks them all. */
function billionLaughs(): Buffer {
  const level = (index: number): string => `](${`h${String.fromCharCode(index)}`.repeat(10)}e\x94`;
  return pickle(`]\x94`, ...Array.from({ length: 30 }, (_, index) => level(index)), tupleOfAll(31), '.');
}

/** Leaves one value on the stack of so many. */
function tupleOfAll(count: number): string {
  return '0'.repeat(count - 1);
}

function setsOfOneList(): Buffer {
  const list = `](${'K\x01'.repeat(1e5)}e\x85\x94`;
  return pickle(global('builtins', 'frozenset'), '\x94', list, '0'.repeat(2), 'h\0h\x01R0'.repeat(1e4), 'N.');
}

function bytesOfOneText(): Buffer {
  const args = `X${uint32(1e6)}${'a'.repeat(1e6)}${text('latin1')}\x86\x94`;
  return pickle(global('_codecs', 'encode'), '\x94', args, '0'.repeat(2), 'h\0h\x01R0'.repeat(1e4), 'N.');
}

function instancesOfOneList(): Buffer {
  const args = `${global('paramz.core.lists_and_dicts', 'ArrayList')}${global('builtins', 'list')}](${'N'.repeat(1e5)}e\x87\x94`;
  return pickle(
    global('copyreg', '_reconstructor'),
    '\x94',
    args,
    '0'.repeat(2),
    'h\0h\x01R0'.repeat(1e4),
    'N.',
  );
}
