import { LEAST_TEN, TENS } from './layout';
import { highProduct } from './wide';

// A double as the shortest decimal that reads back as the same, and of those the closest, written as ECMAScript's
// Number::toString does. The digits: Giulietti, "The Schubfach way to render doubles" (2020), sections 8 and 9.

/** "00" to "99". */
const PAIRS = memory.data(200, 2);
let ready: bool = false;

function preparePairs(): void {
  for (let i: usize = 0; i < 100; i++) {
    store<u8>(PAIRS + 2 * i, <u8>(48 + i / 10));
    store<u8>(PAIRS + 2 * i, <u8>(48 + (i % 10)), 1);
  }
  ready = true;
}

const ZEROS: u64 = 0x3030_3030_3030_3030;
const EXPONENT_PLUS: u32 = 0x2b65;
const EXPONENT_MINUS: u32 = 0x2d65;

/** Decimal exponent that `shortest` found. */
let power: i32 = 0;

/** Writes a finite number at `at`, of at most 25 bytes (up to 32 are overwritten), and returns the end. */
export function writeNumber(value: f64, at: usize): usize {
  if (!ready) preparePairs();
  if (value == 0) {
    store<u8>(at, 48);
    return at + 1;
  }
  if (value < 0) store<u8>(at++, 45);
  const magnitude = abs(value);
  // Whole numbers below 2^53 are their own shortest digits.
  if (magnitude < 9_007_199_254_740_992.0 && floor(magnitude) == magnitude) {
    const whole = <u64>magnitude;
    return writeDigits(whole, countDigits(whole), at);
  }
  let digits = shortest(reinterpret<u64>(magnitude));
  let k = power;
  while (digits % 10 == 0) {
    digits /= 10;
    k++;
  }
  const count = countDigits(digits);
  const point = count + k;
  if (k >= 0 && point <= 21) {
    at = writeDigits(digits, count, at);
    return writeZeros(k, at);
  }
  if (point > 0 && point <= 21) {
    writeDigits(digits, count, at + 1);
    // The digits before the point move to their place in front of it.
    for (let i: i32 = 0; i < point; i++) store<u8>(at + i, load<u8>(at + i, 1));
    store<u8>(at + point, 46);
    return at + count + 1;
  }
  if (point > -6 && point <= 0) {
    store<u16>(at, 0x2e30);
    return writeDigits(digits, count, writeZeros(-point, at + 2));
  }
  writeDigits(digits, count, at + 1);
  store<u8>(at, load<u8>(at, 1));
  if (count > 1) {
    store<u8>(at, 46, 1);
    at += count + 1;
  } else at++;
  const exponent = point - 1;
  store<u16>(at, <u16>(exponent < 0 ? EXPONENT_MINUS : EXPONENT_PLUS));
  const size = <u64>abs(exponent);
  return writeDigits(size, countDigits(size), at + 2);
}

/** The digits of a positive, finite double, possibly with zeros at their end; sets `power`. */
function shortest(bits: u64): u64 {
  const fraction = bits & 0xf_ffff_ffff_ffff;
  const biased = <i32>(bits >> 52);
  const c = biased == 0 ? fraction : fraction | 0x10_0000_0000_0000;
  const q = max(biased, 1) - 1075;
  // Below a power of two, doubles lie twice as close.
  const uneven = fraction == 0 && biased > 1;
  // floor(log10(2^q)), or floor(log10(3/4 2^q)).
  const k = (q * 1_262_611 - (uneven ? 524_031 : 0)) >> 22;
  // q + floor(log2(10^-k)) + 1
  const h = <u64>(q + ((-k * 1_741_647) >> 19) + 1);
  const ten = TENS + (<usize>(-k - LEAST_TEN) << 4);
  const low = load<u64>(ten);
  const high = load<u64>(ten, 8);

  // The number and the ends of what rounds to it, times 4 10^-k, rounded to odd.
  const four = c << 2;
  const middle = scaled(high, low, four << h);
  const odd = c & 1;
  const lower = scaled(high, low, (four - (uneven ? 1 : 2)) << h) + odd;
  const upper = scaled(high, low, (four + 2) << h) - odd;

  const s = middle >> 2;
  if (s >= 10) {
    const tens = s / 10;
    const below = lower <= 40 * tens;
    const above = 40 * tens + 40 <= upper;
    if (below != above) {
      power = k + 1;
      return tens + u64(above);
    }
  }
  power = k;
  const below = lower <= s << 2;
  const above = (s << 2) + 4 <= upper;
  if (below != above) return s + u64(above);
  const half = (s << 2) + 2;
  return s + u64(middle > half || (middle == half && (s & 1) == 1));
}

/** g x / 2^128 for the 128 bits of g, rounded to odd: the last bit says whether anything was cut off. */
// @ts-ignore: decorator
@inline
function scaled(high: u64, low: u64, x: u64): u64 {
  const y = high * x;
  const middle = y + highProduct(low, x);
  const top = highProduct(high, x) + u64(middle < y);
  return top | u64(middle > 1);
}

const POWERS_OF_TEN = memory.data<u64>([
  1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000, 10_000_000_000, 100_000_000_000,
  1_000_000_000_000, 10_000_000_000_000, 100_000_000_000_000, 1_000_000_000_000_000, 10_000_000_000_000_000,
  100_000_000_000_000_000, 1_000_000_000_000_000_000,
]);

/** Of a positive number below 10^19. */
// @ts-ignore: decorator
@inline
function countDigits(value: u64): i32 {
  // floor(bits log10(2)): as many digits, or one more.
  const least = ((64 - <i32>clz(value)) * 1233) >> 12;
  return least + i32(value >= load<u64>(POWERS_OF_TEN + (<usize>least << 3)));
}

/** Writes `count` digits, the last first, and returns their end. */
function writeDigits(value: u64, count: i32, at: usize): usize {
  const end = at + count;
  let to = end;
  while (value >= 100_000_000) {
    const rest = value / 100_000_000;
    let eight = <u32>(value - rest * 100_000_000);
    value = rest;
    for (let i = 0; i < 4; i++) {
      const hundreds = eight / 100;
      to -= 2;
      store<u16>(to, load<u16>(PAIRS + ((eight - hundreds * 100) << 1)));
      eight = hundreds;
    }
  }
  let rest = <u32>value;
  while (rest >= 100) {
    const hundreds = rest / 100;
    to -= 2;
    store<u16>(to, load<u16>(PAIRS + ((rest - hundreds * 100) << 1)));
    rest = hundreds;
  }
  if (rest >= 10) store<u16>(to - 2, load<u16>(PAIRS + (rest << 1)));
  else store<u8>(to - 1, <u8>(48 + rest));
  return end;
}

/** At most 21 zeros. */
function writeZeros(count: i32, at: usize): usize {
  store<u64>(at, ZEROS);
  store<u64>(at, ZEROS, 8);
  store<u64>(at, ZEROS, 16);
  return at + count;
}
