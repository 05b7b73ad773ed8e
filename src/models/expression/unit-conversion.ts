/** to = slope * from + offset */
export interface UnitConversion {
  readonly slope: number;
  readonly offset: number;
}

/** mathjs's `unit`. */
export type UnitFactory = (value: number, unit: string) => { toNumber(unit: string): number };

/** So large that no unit's offset shows in the quotient of two values. */
const FAR = 2 ** 60;
/** Rounding of values near 1, which is no offset. */
const ROUNDING = 1e-12;

/**
 * How mathjs converts a number from one unit to another, such as "degC" to "K" or "km/h" to "m/s".
 * Throws an Error for units that it does not know, or that do not measure the same.
 */
export function unitConversion(unit: UnitFactory, from: string, to: string): UnitConversion {
  const offset = unit(0, from).toNumber(to);
  const slope = unit(FAR, from).toNumber(to) / FAR;
  if (!Number.isFinite(slope) || slope === 0) throw new RangeError('The units have no common scale.');
  return { slope, offset: Math.abs(offset) < ROUNDING * Math.abs(slope) ? 0 : offset };
}
