const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const NON_FINITE = /^[+-]?(?:nan|inf|infinity)$/i;

/**
 * A decimal number as Python's `float` writes and reads it: `1`, `-1.5`, `.5`, `1.`, `+2`, `1e-3`, with blanks around.
 * No hexadecimal, no underscore, no thousands separator. Infinite when it is too large for a double, and undefined when
 * it is no such number (`NaN` and `inf` are none).
 */
export function parseNumberText(text: string): number | undefined {
  const trimmed = text.trim();
  return NUMBER.test(trimmed) ? Number(trimmed) : undefined;
}

/** Whether the text spells a value that is no finite number: `nan`, `-inf`, `Infinity`. */
export function isNonFiniteText(text: string): boolean {
  return NON_FINITE.test(text.trim());
}
