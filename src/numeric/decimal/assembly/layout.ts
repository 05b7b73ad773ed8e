// Where things lie in this module's memory, in bytes; `../decimal-text.ts` has the same numbers. Page 0 is the
// compiler's.

/** 128 bits a power, low half first: 5^q for q from -342 to 308, its highest 128 bits. For reading. */
export const FIVES: usize = 65_536;
export const LEAST_FIVE: i32 = -342;
export const MOST_FIVE: i32 = 308;
/** 10^k for k from -292 to 324: the highest 128 bits, plus one unit. For writing. */
export const TENS: usize = 81_920;
export const LEAST_TEN: i32 = -292;
