/** 128 bits of powers: what `assembly` multiplies with. */
export const highestBits = {
  /**
   * 5^q for q from -342 to 308, cut to 128 bits of which the first is 1; for a negative q, of the quotient after the
   * next unit up (Lemire 2021, section 5).
   */
  fives(): bigint[] {
    return Array.from({ length: 308 + 342 + 1 }, (_, i) => {
      const q = i - 342;
      if (q >= 0) return normalised(5n ** BigInt(q));
      const divisor = 5n ** BigInt(-q);
      const bits = BigInt(bitLength(divisor));
      const shift = q >= -27 ? bits + 127n : 2n * bits + 128n;
      return normalised((1n << shift) / divisor + 1n);
    });
  },

  /** 10^k for k from -292 to 324, cut to 128 bits of which the first is 1, plus one unit (Giulietti 2020, section 9). */
  tens(): bigint[] {
    return Array.from({ length: 324 + 292 + 1 }, (_, i) => {
      const k = i - 292;
      const power = 10n ** BigInt(Math.abs(k));
      return k >= 0
        ? normalised(power) + 1n
        : normalised((1n << BigInt(bitLength(power) + 192)) / power) + 1n;
    });
  },
};

/** Shifted to exactly 128 bits. */
function normalised(value: bigint): bigint {
  const excess = bitLength(value) - 128;
  return excess > 0 ? value >> BigInt(excess) : value << BigInt(-excess);
}

function bitLength(value: bigint): number {
  const hexadecimal = value.toString(16);
  return 4 * hexadecimal.length - Math.clz32(parseInt(hexadecimal[0], 16)) + 28;
}
