import { quote } from './describe.js';
import { MalformedBodyError } from './issue.js';

/** The header of an npy file: what its bytes are. */
export interface NpyHeader {
  /** Type of one element, such as `<f8`: byte order, kind, bytes. */
  descr: string;
  fortranOrder: boolean;
  shape: number[];
  /** Byte at which the elements start. */
  dataStart: number;
}

const MAGIC = Buffer.from('\x93NUMPY', 'latin1');
/** numpy refuses longer headers too, unless told that the file is trusted. */
const MAX_HEADER_BYTES = 10_000;
/** As many as numpy has. */
const MAX_DIMENSIONS = 64;

/**
 * Reads the header of an npy file, versions 1, 2 and 3 (NEP 1). The header is a Python dict literal; it is read by a
 * grammar that knows exactly its three keys, and never evaluated. Throws MalformedBodyError with the byte.
 */
export function readNpyHeader(bytes: Buffer): NpyHeader {
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw new MalformedBodyError(
      'npy',
      'the bytes do not start with "\\x93NUMPY": write them with numpy.save.',
      {
        byte: 0,
      },
    );
  }
  const version = bytes[6];
  if (version !== 1 && version !== 2 && version !== 3) {
    throw new MalformedBodyError('npy', `unknown version ${version ?? '(none)'}, expected 1, 2 or 3.`, {
      byte: 6,
    });
  }
  const start = version === 1 ? 10 : 12;
  if (bytes.length < start)
    throw new MalformedBodyError('npy', 'the header is cut short.', { byte: bytes.length });
  const length = version === 1 ? bytes.readUInt16LE(8) : bytes.readUInt32LE(8);
  if (length > MAX_HEADER_BYTES) {
    throw new MalformedBodyError(
      'npy',
      `a header of ${length} bytes, expected at most ${MAX_HEADER_BYTES}.`,
      {
        byte: 8,
      },
    );
  }
  const dataStart = start + length;
  if (bytes.length < dataStart) {
    throw new MalformedBodyError('npy', 'the header is cut short.', { byte: bytes.length });
  }
  return { ...new HeaderText(bytes.toString('latin1', start, dataStart), start).dict(), dataStart };
}

/** `{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }`, keys in any order, each once. */
class HeaderText {
  private at = 0;

  constructor(
    private readonly text: string,
    private readonly byteOffset: number,
  ) {}

  dict(): Omit<NpyHeader, 'dataStart'> {
    let descr: string | undefined;
    let fortranOrder: boolean | undefined;
    let shape: number[] | undefined;
    this.expect('{');
    while (!this.take('}')) {
      const keyAt = this.at;
      const key = this.string();
      this.expect(':');
      if (key === 'descr' && descr === undefined) descr = this.descr();
      else if (key === 'fortran_order' && fortranOrder === undefined) fortranOrder = this.boolean();
      else if (key === 'shape' && shape === undefined) shape = this.shape();
      else
        this.fail(
          `the header has ${quote(key)} where it has only descr, fortran_order and shape, once each.`,
          keyAt,
        );
      if (!this.take(',')) {
        this.expect('}');
        break;
      }
    }
    this.skipBlanks();
    if (this.at < this.text.length) this.fail('the header goes on after its closing brace.');
    if (descr === undefined || fortranOrder === undefined || shape === undefined) {
      return this.fail('the header lacks one of descr, fortran_order and shape.');
    }
    return { descr, fortranOrder, shape };
  }

  private descr(): string {
    this.skipBlanks();
    if (this.text[this.at] === '[') this.fail('a structured array: send plain numbers (one array a field).');
    return this.string();
  }

  private boolean(): boolean {
    if (this.take('True')) return true;
    this.expect('False');
    return false;
  }

  private shape(): number[] {
    const shape: number[] = [];
    this.expect('(');
    while (!this.take(')')) {
      if (shape.length === MAX_DIMENSIONS) this.fail(`the shape has more than ${MAX_DIMENSIONS} dimensions.`);
      shape.push(this.dimension());
      if (this.take(',')) continue;
      // In Python (3) is the number 3; the tuple is (3,).
      if (shape.length === 1) this.fail('the shape is no tuple.');
      this.expect(')');
      break;
    }
    return shape;
  }

  private dimension(): number {
    this.skipBlanks();
    const digits = /^\d{1,20}/.exec(this.text.slice(this.at, this.at + 20))?.[0];
    if (digits === undefined) return this.fail('expected a dimension, a whole number from 0.');
    if (!Number.isSafeInteger(Number(digits)))
      this.fail(`a dimension of ${digits} is more than any file can hold.`);
    this.at += digits.length;
    this.take('L'); // Python 2 wrote long integers so.
    return Number(digits);
  }

  private string(): string {
    this.skipBlanks();
    const match = /^(?:'([^'\\]*)'|"([^"\\]*)")/.exec(this.text.slice(this.at, this.at + 100));
    if (match === null) return this.fail('expected a text in quotes.');
    this.at += match[0].length;
    return match[1] ?? match[2];
  }

  private take(token: string): boolean {
    this.skipBlanks();
    if (!this.text.startsWith(token, this.at)) return false;
    this.at += token.length;
    return true;
  }

  private expect(token: string): void {
    if (!this.take(token)) this.fail(`the header is no dict that numpy writes: expected "${token}".`);
  }

  private skipBlanks(): void {
    while (this.text[this.at] === ' ' || this.text[this.at] === '\n') this.at++;
  }

  private fail(problem: string, at = this.at): never {
    throw new MalformedBodyError('npy', problem, { byte: this.byteOffset + at });
  }
}
