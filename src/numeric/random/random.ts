import { NumericInputError } from '../errors.js';
import { normalQuantile } from './normal.js';

/**
 * Reproducible random numbers: the same seed gives the same sequence, bit by bit. Not for secrets.
 *
 * xoshiro128**, Blackman & Vigna (2021), "Scrambled Linear Pseudorandom Number Generators", ACM TOMS 47(4), in 32-bit
 * arithmetic; its state is filled by SplitMix32. Period 2^128 - 1.
 */
export class Random {
  readonly #state = new Uint32Array(4);

  /** `seed`: an integer from 0 to 2^53 - 1. Throws NumericInputError otherwise. */
  constructor(seed: number) {
    if (!Number.isSafeInteger(seed) || seed < 0) {
      throw new NumericInputError(`A seed must be an integer from 0 to 2^53 - 1, got ${seed}.`);
    }
    const low = splitMix32(seed >>> 0);
    const high = splitMix32(Math.floor(seed / 2 ** 32) ^ 0x9e3779b9);
    this.#state[0] = low();
    this.#state[1] = high();
    this.#state[2] = low();
    this.#state[3] = high() | 1;
  }

  /** Uniform on (0, 1): the midpoints of 2^52 equal cells, so that neither 0 nor 1 occurs. */
  uniform(): number {
    const high = this.#next32() >>> 6;
    const low = this.#next32() >>> 6;
    return (high * 2 ** 26 + low + 0.5) / 2 ** 52;
  }

  /** Fills `out` with independent standard normal numbers, by inversion. */
  fillNormal(out: Float64Array): void {
    for (let i = 0; i < out.length; i += 1) out[i] = normalQuantile(this.uniform());
  }

  #next32(): number {
    const s = this.#state;
    const result = Math.imul(rotateLeft(Math.imul(s[1], 5), 7), 9) >>> 0;
    const t = s[1] << 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotateLeft(s[3], 11);
    return result;
  }
}

function rotateLeft(x: number, bits: number): number {
  return (x << bits) | (x >>> (32 - bits));
}

function splitMix32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return z ^ (z >>> 16);
  };
}
