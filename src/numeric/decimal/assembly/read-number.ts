import { FIVES, LEAST_FIVE, MOST_FIVE } from './layout';
import { highProduct } from './wide';

// Decimal text to the nearest double. Most numbers have few digits and are one exact operation (Clinger, "How to read
// floating point numbers accurately", PLDI 1990, section 3); the others are the top of one product of 128 bits
// (Lemire, "Number parsing at a gigabyte per second", Software: Practice and Experience 51, 2021, Algorithm 1). Where
// that leaves a doubt, the caller is told, and asks JavaScript.

/** What `readNumber` read. */
export let value: f64 = 0;

const EXACT_POWERS = memory.data<f64>([
  1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
  1e21, 1e22,
]);

const PLUS: u32 = 0x2b;
const MINUS: u32 = 0x2d;
const POINT: u32 = 0x2e;

/**
 * Reads the number at `at` into `value`, and returns where it ends: 0 where there is none, or none that is certain.
 * `strict` is JSON's grammar; else a plus, leading zeros, `1.` and `.5` are numbers as well. Reads up to 8 bytes ahead.
 */
// @ts-ignore: decorator
@inline
export function readNumber(at: usize, strict: bool): usize {
  const first: u32 = load<u8>(at);
  const negative = first == MINUS;
  if (negative || (!strict && first == PLUS)) at++;

  let mantissa: u64 = 0;
  const whole = at;
  for (let digit: u32 = <u32>load<u8>(at) - 48; digit < 10; digit = <u32>load<u8>(++at) - 48) {
    mantissa = mantissa * 10 + digit;
  }
  let digits = at - whole;
  if (strict && (digits == 0 || (digits > 1 && load<u8>(whole) == 48))) return 0;
  let exponent: i32 = 0;
  if (load<u8>(at) == POINT) {
    const fraction = ++at;
    for (let eight = load<u64>(at); areDigits(eight); eight = load<u64>(at)) {
      mantissa = mantissa * 100_000_000 + valueOfEight(eight);
      at += 8;
    }
    for (let digit: u32 = <u32>load<u8>(at) - 48; digit < 10; digit = <u32>load<u8>(++at) - 48) {
      mantissa = mantissa * 10 + digit;
    }
    if (strict && at == fraction) return 0;
    digits += at - fraction;
    exponent = <i32>(fraction - at);
  }
  if (digits == 0) return 0;
  let cut = 0;
  if (digits > 19) {
    mantissa = firstDigits(whole, at);
    cut = dropped;
    exponent += cut;
  }

  const letter: u32 = <u32>load<u8>(at) | 0x20;
  if (letter == 0x65) {
    const sign: u32 = load<u8>(++at);
    if (sign == MINUS || sign == PLUS) at++;
    let power: i32 = 0;
    const start = at;
    for (let digit: u32 = <u32>load<u8>(at) - 48; digit < 10; digit = <u32>load<u8>(++at) - 48) {
      if (power < 10_000) power = power * 10 + digit;
    }
    if (at == start) return 0;
    exponent += sign == MINUS ? -power : power;
  }

  let magnitude: f64;
  if (cut > 0) {
    // What was cut off lies between nothing and one more in the last digit.
    magnitude = nearest(mantissa, exponent);
    if (magnitude == 0 || magnitude != nearest(mantissa + 1, exponent)) return 0;
  } else if (mantissa <= 0x20_0000_0000_0000 && exponent >= -22 && exponent <= 22) {
    magnitude =
      exponent < 0
        ? <f64>mantissa / load<f64>(EXACT_POWERS + (<usize>-exponent << 3))
        : <f64>mantissa * load<f64>(EXACT_POWERS + (<usize>exponent << 3));
  } else if (mantissa == 0) {
    magnitude = 0;
  } else {
    magnitude = nearest(mantissa, exponent);
    if (magnitude == 0) return 0;
  }
  value = negative ? -magnitude : magnitude;
  return at;
}

/** How many digits `firstDigits` left out. */
let dropped: i32 = 0;

/** The first 19 digits from the first that is not zero on: all that 64 bits hold for certain. */
function firstDigits(at: usize, end: usize): u64 {
  let mantissa: u64 = 0;
  dropped = 0;
  for (; at < end; at++) {
    const byte: u32 = load<u8>(at);
    if (byte == POINT) continue;
    if (mantissa < 1_000_000_000_000_000_000) mantissa = mantissa * 10 + (byte - 48);
    else dropped++;
  }
  return mantissa;
}

/** mantissa 10^exponent, the mantissa not 0; 0 where the result is not normal, or the product leaves a doubt. */
function nearest(mantissa: u64, exponent: i32): f64 {
  if (exponent < LEAST_FIVE || exponent > MOST_FIVE) return 0;
  const shift = clz(mantissa);
  const w = mantissa << shift;
  const power = FIVES + (<usize>(exponent - LEAST_FIVE) << 4);
  const powerHigh = load<u64>(power, 8);
  let high = highProduct(w, powerHigh);
  let low = w * powerHigh;
  if ((high & 0x1ff) == 0x1ff) {
    const more = highProduct(w, load<u64>(power));
    low += more;
    if (low < more) high++;
  }
  if (low == u64.MAX_VALUE && (exponent < -27 || exponent > 55)) return 0;
  const upper = high >> 63;
  let bits = high >> (upper + 9);
  // floor(log2(5^exponent)) + exponent, as in the paper's section 5.
  let binary: i32 = ((217_706 * exponent) >> 16) + 63 + <i32>upper - <i32>shift + 1023;
  if (binary <= 0) return 0;
  // Halfway between two doubles: to the even one.
  if (low <= 1 && exponent >= -4 && exponent <= 23 && (bits & 3) == 1 && bits << (upper + 9) == high) bits &= ~1;
  bits = (bits + (bits & 1)) >> 1;
  if (bits >= 0x20_0000_0000_0000) {
    bits = 0x10_0000_0000_0000;
    binary++;
  }
  if (binary >= 0x7ff) return 0;
  return reinterpret<f64>((bits & 0xf_ffff_ffff_ffff) | (<u64>binary << 52));
}

/** Whether eight bytes are eight digits. */
// @ts-ignore: decorator
@inline
function areDigits(eight: u64): bool {
  return (
    ((eight & 0xf0f0_f0f0_f0f0_f0f0) | (((eight + 0x0606_0606_0606_0606) & 0xf0f0_f0f0_f0f0_f0f0) >> 4)) ==
    0x3333_3333_3333_3333
  );
}

/** The number that eight digits spell: neighbours are joined to pairs, pairs to fours, fours to eight. */
// @ts-ignore: decorator
@inline
function valueOfEight(eight: u64): u64 {
  const digits = eight - 0x3030_3030_3030_3030;
  const pairs = (digits * 10 + (digits >> 8)) & 0x00ff_00ff_00ff_00ff;
  const fours = (pairs * 100 + (pairs >> 16)) & 0x0000_ffff_0000_ffff;
  return (fours * 10_000 + (fours >> 32)) & 0xffff_ffff;
}
