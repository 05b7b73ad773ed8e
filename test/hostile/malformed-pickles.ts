import type { HostilePickle } from './hostile-pickle.js';
import {
  array,
  bytes,
  call,
  dtype,
  EMPTY_ARRAY,
  global,
  int,
  pickle,
  text,
  tuple,
  uint32,
  uint64,
} from './pickle-assembler.js';

type Case = readonly [name: string, content: string, expect: RegExp | 'harmless'];

const STACK: readonly Case[] = [
  ['nothing at all', '', /^truncated: the file ends early: 1 bytes expected, 0 left/],
  ['only STOP', '.', /^bad-stack: the stack holds 0 values, 1 needed/],
  ['a text file', 'hello', /^refused-opcode|^bad-stack|^truncated/],
  [
    'a gzip file',
    '\x1f\x8b\x08\0',
    /^refused-opcode: the byte 0x1f is no pickle opcode: this is not a pickle file/,
  ],
  ['a zip file', 'PK\x03\x04', /^refused-opcode: the opcode PERSID/],
  ['an HDF5 file', '\x89HDF\r\n', /^refused-opcode: the byte 0x48/],
  ['protocol 6', '\x80\x06N.', /^bad-value: pickle protocol 6; up to 5 is known/],
  ['protocol 255', '\x80\xffN.', /^bad-value: pickle protocol 255/],
  ['POP of nothing', '0.', /^bad-stack/],
  ['DUP of nothing', '2.', /^bad-stack/],
  ['MARK at the end', '(.', /^bad-stack/],
  ['a MARK left over', 'N(N.', /^bad-stack: 1 values and 1 MARKs left over at STOP/],
  ['values left over', 'NN.', /^bad-stack: 1 values and 0 MARKs left over at STOP/],
  ['TUPLE without MARK', 'NNt.', /^bad-stack: no MARK/],
  ['LIST without MARK', 'l.', /^bad-stack: no MARK/],
  ['POP_MARK without MARK', 'N1.', /^bad-stack: no MARK/],
  ['FROZENSET without MARK', '\x91.', /^bad-stack: no MARK/],
  ['TUPLE2 across a MARK', 'N(N\x86.', /^bad-stack: the stack holds 1 values, 2 needed/],
  ['SETITEM across a MARK', '}(NNs.', /^bad-stack/],
  ['BUILD across a MARK', 'N(Nb.', /^bad-stack/],
  ['REDUCE across a MARK', `${global('_codecs', 'encode')}()R.`, /^bad-stack/],
  ['POP removes a MARK', 'N(0.', 'harmless'],
  ['APPEND to a tuple', ')Na.', /^bad-stack: items appended to a tuple/],
  ['APPENDS to a dict', '}(Ne.', /^bad-stack: items appended to a dict/],
  ['APPENDS to nothing', '(Ne.', /^bad-stack: the stack holds 0 values/],
  ['SETITEMS in a list', '](NNu.', /^bad-stack: entries set in a list/],
  ['SETITEMS of an odd number', '}(NNNu.', /^bad-stack: a key without a value/],
  ['DICT of an odd number', '(Nd.', /^bad-stack: a key without a value/],
  ['ADDITEMS to a list', '](N\x90.', /^bad-stack: elements added to a list/],
  ['STACK_GLOBAL of numbers', 'K\x01K\x02\x93.', /^bad-stack: a name made of an integer and an integer/],
  ['READONLY_BUFFER of None', 'N\x98.', /^bad-stack: READONLY_BUFFER needs bytes/],
  ['bytes after STOP', 'N.garbage', 'harmless'],
  ['GET of nothing', 'g0\n.', /^bad-stack: nothing was stored under memo number 0/],
  ['BINGET of nothing', 'h\x07.', /^bad-stack: .* 7/],
  ['LONG_BINGET of the last number', `j${uint32(0xffffffff)}.`, /^bad-stack: .* 4294967295/],
  ['PUT of nothing', 'p0\n.', /^bad-stack/],
  ['PUT of a MARK', 'N(p0\n.', /^bad-stack/],
  ['PUT under a negative number', 'Np-1\n.', /^bad-value: "-1" is no memo number/],
  ['PUT under a word', 'Np__proto__\n.', /^bad-value: "__proto__" is no memo number/],
  ['PUT under a giant number', 'Np99999999999999\n.', 'harmless'],
  ['PUT under too many digits', `Np${'9'.repeat(400)}\n.`, /^limit: a line of more than 15 bytes/],
  ['LONG_BINPUT under the last number', `Nr${uint32(0xffffffff)}.`, 'harmless'],
];

const LENGTHS: readonly Case[] = [
  [
    'BINBYTES of 4 GiB',
    'B\xff\xff\xff\xff.',
    /^truncated: the file ends early: 4294967295 bytes expected, 1 left/,
  ],
  ['BINBYTES8 of 2^63', `\x8e${uint64(2n ** 63n)}.`, /^truncated/],
  ['BINBYTES8 of 2^64 - 1', `\x8e${uint64(2n ** 64n - 1n)}.`, /^truncated/],
  ['BYTEARRAY8 of 2^62', `\x96${uint64(2n ** 62n)}.`, /^truncated/],
  ['BINUNICODE8 of 2^53 + 1', `\x8d${uint64(2n ** 53n + 1n)}.`, /^truncated/],
  ['BINUNICODE of 4 GiB', 'X\xff\xff\xff\xff.', /^truncated/],
  ['SHORT_BINBYTES beyond the end', 'C\xffabc.', /^truncated/],
  ['SHORT_BINUNICODE beyond the end', '\x8c\x05abc.', /^truncated/],
  ['FRAME of 2^63', `\x95${uint64(2n ** 63n)}N.`, /^truncated/],
  ['FRAME just too long', `\x95${uint64(3)}N.`, /^truncated/],
  ['BINSTRING of -1', 'T\xff\xff\xff\xff.', /^bad-value: a negative length: -1/],
  ['BINSTRING of -2^31', 'T\0\0\0\x80.', /^bad-value: a negative length/],
  ['LONG4 of -1', '\x8b\xff\xff\xff\xff.', /^bad-value: a negative length: -1/],
  [
    'LONG4 of 1 MiB',
    `\x8b${uint32(2 ** 20)}${'\x7f'.repeat(2 ** 20)}.`,
    /^limit: an integer of 1048576 bytes/,
  ],
  ['LONG1 cut off', '\x8a\x10abc.', /^truncated/],
  ['INT of a million digits', `I${'9'.repeat(1e6)}\n.`, /^limit: a line of more than 2500 bytes/],
  ['LONG of a million digits', `L${'9'.repeat(1e6)}L\n.`, /^limit/],
  ['FLOAT of a million digits', `F0.${'9'.repeat(1e6)}\n.`, /^limit/],
  ['GLOBAL with a name of 100 kB', `c${'a'.repeat(1e5)}\nb\n.`, /^limit/],
  ['GLOBAL without a newline', 'cos', /^truncated: the file ends inside a line/],
  ['GLOBAL with one newline', 'cos\nsystem', /^truncated/],
  ['UNICODE without a newline', 'Vabc', /^truncated/],
];

const LITERALS: readonly Case[] = [
  ['INT of a word', 'Iabc\n.', /^bad-value: "abc" is no integer/],
  ['INT of nothing', 'I\n.', /^bad-value/],
  ['INT of code', 'I__import__("os")\n.', /^bad-value: .* is no integer/],
  ['INT in hexadecimal', 'I0x10\n.', /^bad-value/],
  ['LONG with an exponent', 'L1e999\n.', /^bad-value/],
  ['FLOAT of a word', 'Fabc\n.', /^bad-value: "abc" is no number/],
  ['FLOAT of nothing', 'F\n.', /^bad-value/],
  ['FLOAT with blanks', 'F 1 \n.', /^bad-value/],
  ['STRING without quotes', 'Sabc\n.', /^bad-value: STRING without quotes/],
  ['STRING of one quote', "S'\n.", /^bad-value: STRING without quotes/],
  ['STRING of two kinds of quotes', 'S\'abc"\n.', /^bad-value: STRING that ends in/],
  ['STRING with half an escape', "S'\\x4'\n.", /^bad-value: text that is not an escape/],
  ['UNICODE with half an escape', 'V\\u12\n.', /^bad-value: text that is not an escape/],
  ['UNICODE beyond Unicode', 'V\\U00110000\n.', /^bad-value: text that is not a unicode escape/],
  ['UTF-8, overlong', 'X\x02\0\0\0\xc0\x80.', /^bad-value: text that is not UTF-8/],
  ['UTF-8, overlong in three bytes', 'X\x03\0\0\0\xe0\x80\x80.', /^bad-value/],
  ['UTF-8, cut off', 'X\x02\0\0\0\xe2\x82.', /^bad-value/],
  ['UTF-8, stray continuation', 'X\x01\0\0\0\x80.', /^bad-value/],
  ['UTF-8 beyond Unicode', 'X\x04\0\0\0\xf4\x90\x80\x80.', /^bad-value/],
  ['UTF-8 with a lone surrogate', 'X\x03\0\0\0\xed\xa0\x80.', 'harmless'],
  [
    'a name with control characters',
    global('os\x1b[2J', 'system'),
    /^unknown-global: the file names "os\\u001b\[2J\.system"/,
  ],
  [
    'a long name',
    `${text('a'.repeat(255))}${text('b')}\x93.`,
    /^unknown-global: the file names "a{80}\.\.\."/,
  ],
];

const F8 = dtype('f8');
const EIGHT = bytes('\0'.repeat(8));

const ARRAYS: readonly Case[] = [
  [
    'array longer than its payload',
    `${array(tuple(int(2)), F8, EIGHT)}.`,
    /^bad-array: an array of 2 elements of type f8 needs 16 bytes/,
  ],
  ['array shorter than its payload', `${array(tuple(int(0)), F8, EIGHT)}.`, /^bad-array/],
  [
    'negative dimension',
    `${array(tuple(int(-1)), F8, EIGHT)}.`,
    /^bad-array: an array's dimensions must be counts/,
  ],
  ['two negative dimensions', `${array(tuple(int(-1), int(-1)), F8, EIGHT)}.`, /^bad-array/],
  [
    'fractional dimension',
    `${array(tuple('G\x3f\xe0\0\0\0\0\0\0'), F8, EIGHT)}.`,
    /^bad-array: .* got a number/,
  ],
  ['NaN as dimension', `${array(tuple('G\x7f\xf8\0\0\0\0\0\0'), F8, EIGHT)}.`, /^bad-array/],
  [
    '2^100 as dimension',
    `${array(tuple(`\x8a\x0d${'\0'.repeat(12)}\x10`), F8, EIGHT)}.`,
    /^bad-array: .* beyond 2\^53/,
  ],
  [
    'dimensions that overflow 64 bits',
    `${array(tuple(...Array.from({ length: 4 }, () => int(2 ** 30))), F8, EIGHT)}.`,
    /^bad-array: an array of 1.3\d+e\+36 elements/,
  ],
  [
    '65 dimensions',
    `${array(tuple(...Array.from({ length: 65 }, () => int(1))), F8, EIGHT)}.`,
    /^bad-array: an array of 65 dimensions/,
  ],
  ['a string as shape', `${array(text('8'), F8, EIGHT)}.`, /^bad-array/],
  [
    'a string as type',
    `${array(tuple(int(1)), text('f8'), EIGHT)}.`,
    /^bad-array: an array's type must be a dtype/,
  ],
  [
    'a number as payload',
    `${array(tuple(int(1)), F8, int(8))}.`,
    /^bad-array: an array's payload must be bytes/,
  ],
  [
    'a list as payload',
    `${array(tuple(int(1)), F8, ']')}.`,
    /^bad-array: an array's payload must be bytes, got a list/,
  ],
  [
    'objects with bytes as payload',
    `${array(tuple(int(1)), dtype('O8', '|'), EIGHT)}.`,
    /^bad-array: an array of 1 objects/,
  ],
  [
    'objects, fewer than declared',
    `${array(tuple(int(2)), dtype('O8', '|'), '](Ne')}.`,
    /^bad-array: an array of 2 objects/,
  ],
  [
    'a state of four',
    `${EMPTY_ARRAY}${tuple(int(1), tuple(), F8, '\x89')}b.`,
    /^bad-array: an array's state must be a tuple of five/,
  ],
  ['a dict as state', `${EMPTY_ARRAY}}b.`, /^bad-array: .* got a dict/],
  [
    'a second state',
    `${array(tuple(int(1)), F8, EIGHT)}${tuple(int(1), tuple(int(1)), F8, '\x89', EIGHT)}b.`,
    /^bad-call: a second state/,
  ],
  ['an unknown byte order', `${dtype('f8', '!')}.`, /^bad-array: a byte order/],
  [
    'a dtype with a dict as state',
    `${call(global('numpy', 'dtype'), text('f8'))}}b.`,
    /^bad-array: a byte order/,
  ],
  [
    '_frombuffer in order A',
    `${call(global('numpy.core.numeric', '_frombuffer'), EIGHT, F8, tuple(int(1)), text('A'))}.`,
    /^bad-array: the order/,
  ],
  ['_frombuffer of nothing', `${call(global('numpy._core.numeric', '_frombuffer'))}.`, /^bad-array/],
  [
    '_frombuffer of too few bytes',
    `${call(global('numpy._core.numeric', '_frombuffer'), EIGHT, F8, tuple(int(2)), text('C'))}.`,
    /^bad-array/,
  ],
  [
    'scalar of too few bytes',
    `${call(global('numpy.core.multiarray', 'scalar'), F8, bytes('abc'))}.`,
    /^bad-array: a scalar of type f8 needs 8 bytes/,
  ],
  [
    'scalar without a type',
    `${call(global('numpy.core.multiarray', 'scalar'), text('f8'), EIGHT)}.`,
    /^bad-array: a scalar's type/,
  ],
  [
    'scalar with a state',
    `${call(global('numpy.core.multiarray', 'scalar'), dtype('c16'), bytes('0123456789abcdef'))}}b.`,
    /^bad-call: a state for a numpy scalar/,
  ],
];

export function malformedPickles(): HostilePickle[] {
  return [...STACK, ...LENGTHS, ...LITERALS, ...ARRAYS].map(([name, content, expect]) => ({
    name,
    content: () => pickle(content),
    expect,
  }));
}
