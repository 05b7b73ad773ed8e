import type { InputBytes } from './input-bytes.js';
import { DamagedDataError, type OutputBytes } from './output-bytes.js';

const STATES = 12;
const POSITION_STATES = 16;
const EVEN = 1024;
const TOP = 2 ** 24;
/** Distance slots from here on have bits that are coded directly. */
const FIRST_SPLIT_SLOT = 14;
const ALIGN_BITS = 4;
const END_MARKER = 0xffffffff;

/** Binary decisions by an adaptive range decoder. LZMA specification (2015), section "Range Decoder". */
class RangeDecoder {
  private range = 0;
  private code = 0;

  constructor(private readonly input: InputBytes) {}

  start(): void {
    if (this.input.uint8() !== 0) throw new DamagedDataError('the range coder does not start with 0');
    this.code = this.input.uint32BE();
    this.range = 0xffffffff;
  }

  get atEnd(): boolean {
    return this.code === 0;
  }

  bit(probabilities: Uint16Array, at: number): number {
    const probability = probabilities[at];
    const bound = (this.range >>> 11) * probability;
    let bit = 0;
    if (this.code < bound) {
      this.range = bound;
      probabilities[at] = probability + ((2048 - probability) >>> 5);
    } else {
      this.range -= bound;
      this.code -= bound;
      probabilities[at] = probability - (probability >>> 5);
      bit = 1;
    }
    if (this.range < TOP) this.normalise();
    return bit;
  }

  direct(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i += 1) {
      this.range >>>= 1;
      const bit = this.code >= this.range ? 1 : 0;
      if (bit === 1) this.code -= this.range;
      if (this.range < TOP) this.normalise();
      value = value * 2 + bit;
    }
    return value;
  }

  /** `bits` decisions, the most significant first. */
  tree(probabilities: Uint16Array, offset: number, bits: number): number {
    let node = 1;
    for (let i = 0; i < bits; i += 1) node = (node << 1) | this.bit(probabilities, offset + node);
    return node - (1 << bits);
  }

  /** `bits` decisions, the least significant first. */
  reverseTree(probabilities: Uint16Array, offset: number, bits: number): number {
    let node = 1;
    let value = 0;
    for (let i = 0; i < bits; i += 1) {
      const bit = this.bit(probabilities, offset + node);
      node = (node << 1) | bit;
      value |= bit << i;
    }
    return value;
  }

  private normalise(): void {
    this.range = (this.range * 256) >>> 0;
    this.code = ((this.code * 256) | this.input.uint8()) >>> 0;
  }
}

/** Lengths 2 to 273: short ones by the position, long ones not. */
class LengthDecoder {
  private readonly choice = evenOdds(2);
  private readonly low = evenOdds(POSITION_STATES << 3);
  private readonly middle = evenOdds(POSITION_STATES << 3);
  private readonly high = evenOdds(256);

  read(range: RangeDecoder, position: number): number {
    if (range.bit(this.choice, 0) === 0) return 2 + range.tree(this.low, position << 3, 3);
    if (range.bit(this.choice, 1) === 0) return 10 + range.tree(this.middle, position << 3, 3);
    return 18 + range.tree(this.high, 0, 8);
  }
}

/** Literal context bits, literal position bits, position bits. */
export interface LzmaProperties {
  readonly lc: number;
  readonly lp: number;
  readonly pb: number;
}

/** @throws DamagedDataError for a byte that stands for no such numbers */
export function lzmaProperties(byte: number): LzmaProperties {
  if (byte >= 9 * 5 * 5) throw new DamagedDataError('its properties are out of range');
  return { lc: byte % 9, lp: Math.floor(byte / 9) % 5, pb: Math.floor(byte / 45) };
}

/** LZMA data: literals, matches and repeated matches. LZMA specification (2015) by Igor Pavlov. */
export class LzmaDecoder {
  private readonly range: RangeDecoder;
  private state = 0;
  private readonly distances = new Float64Array(4);
  private readonly isMatch = evenOdds(STATES * POSITION_STATES);
  private readonly isRepeat = evenOdds(STATES);
  private readonly isRepeat0 = evenOdds(STATES);
  private readonly isRepeat1 = evenOdds(STATES);
  private readonly isRepeat2 = evenOdds(STATES);
  private readonly isRepeat0Long = evenOdds(STATES * POSITION_STATES);
  private readonly slots = evenOdds(4 << 6);
  private readonly special = evenOdds(128);
  private readonly align = evenOdds(1 << ALIGN_BITS);
  private readonly lengths = new LengthDecoder();
  private readonly repeatLengths = new LengthDecoder();
  private readonly literals: Uint16Array;

  /**
   * @param start where the dictionary begins in the output: nothing before may be referred to
   * @param dictionary the most bytes that a match may look back
   */
  constructor(
    input: InputBytes,
    private readonly output: OutputBytes,
    private readonly properties: LzmaProperties,
    private readonly start: number,
    private readonly dictionary: number,
  ) {
    this.range = new RangeDecoder(input);
    this.literals = evenOdds(0x300 << (properties.lc + properties.lp));
  }

  /** To be called before `decode`, and again where a new chunk begins. */
  startRange(): void {
    this.range.start();
  }

  get rangeAtEnd(): boolean {
    return this.range.atEnd;
  }

  /**
   * Writes until the output is `end` bytes long, or up to an end marker: then true is returned.
   * @throws DamagedDataError where a match goes beyond `end` or before the beginning
   */
  decode(end: number): boolean {
    const { output, range } = this;
    const positionMask = (1 << this.properties.pb) - 1;
    while (output.length < end) {
      const position = (output.length - this.start) & positionMask;
      if (range.bit(this.isMatch, (this.state << 4) + position) === 0) {
        this.literal();
        continue;
      }
      const length = this.match(position);
      if (length === undefined) return true;
      if (length > end - output.length) throw new DamagedDataError('a match reaches beyond the end');
      const distance = this.distances[0] + 1;
      if (distance > this.dictionary) throw new DamagedDataError('a match reaches beyond the dictionary');
      output.repeat(distance, length, this.start);
    }
    return false;
  }

  private literal(): void {
    const { output, range, literals } = this;
    const { lc, lp } = this.properties;
    const written = output.length - this.start;
    const previous = written > 0 ? output.back(1) : 0;
    const context = ((written & ((1 << lp) - 1)) << lc) + (previous >> (8 - lc));
    const base = 0x300 * context;
    let symbol = 1;
    if (this.state >= 7) {
      // After a match the byte that it would have gone on with is a good guess.
      if (this.distances[0] >= written) throw new DamagedDataError('it refers to bytes before its beginning');
      let guess = output.back(this.distances[0] + 1);
      while (symbol < 0x100) {
        const expected = (guess >> 7) & 1;
        guess <<= 1;
        const bit = range.bit(literals, base + ((1 + expected) << 8) + symbol);
        symbol = (symbol << 1) | bit;
        if (bit !== expected) break;
      }
    }
    while (symbol < 0x100) symbol = (symbol << 1) | range.bit(literals, base + symbol);
    output.push(symbol & 0xff);
    this.state = this.state < 4 ? 0 : this.state < 10 ? this.state - 3 : this.state - 6;
  }

  /** The length of a match whose distance is now the first of `distances`; undefined at the end marker. */
  private match(position: number): number | undefined {
    const { range, distances } = this;
    const afterLiteral = this.state < 7;
    if (range.bit(this.isRepeat, this.state) === 0) {
      const length = this.lengths.read(range, position);
      this.state = afterLiteral ? 7 : 10;
      distances.copyWithin(1, 0);
      distances[0] = this.distance(length);
      return distances[0] === END_MARKER ? undefined : length;
    }
    const which = this.repeated(position);
    if (which < 0) {
      this.state = afterLiteral ? 9 : 11;
      return 1;
    }
    const distance = distances[which];
    distances.copyWithin(1, 0, which);
    distances[0] = distance;
    const length = this.repeatLengths.read(range, position);
    this.state = afterLiteral ? 8 : 11;
    return length;
  }

  /** Which of the last four distances is meant; -1 for one byte at the last one. */
  private repeated(position: number): number {
    const { range, state } = this;
    if (range.bit(this.isRepeat0, state) === 0) {
      return range.bit(this.isRepeat0Long, (state << 4) + position) === 0 ? -1 : 0;
    }
    if (range.bit(this.isRepeat1, state) === 0) return 1;
    return range.bit(this.isRepeat2, state) === 0 ? 2 : 3;
  }

  /** Distance - 1 of a new match. */
  private distance(length: number): number {
    const { range } = this;
    const slot = range.tree(this.slots, Math.min(length - 2, 3) << 6, 6);
    if (slot < 4) return slot;
    const bits = (slot >> 1) - 1;
    const base = (2 | (slot & 1)) * 2 ** bits;
    if (slot < FIRST_SPLIT_SLOT) return base + range.reverseTree(this.special, base - slot, bits);
    const high = range.direct(bits - ALIGN_BITS) * 2 ** ALIGN_BITS;
    return base + high + range.reverseTree(this.align, 0, ALIGN_BITS);
  }
}

function evenOdds(count: number): Uint16Array {
  return new Uint16Array(count).fill(EVEN);
}
