import type { Matrix } from './matrix.js';

/** 2^27 + 1: splits a double into two of 26 bits, whose products are exact. */
const SPLITTER = 134217729;

/**
 * out -= A^T B + diag(d) C, for A n x m, B n x p, d m, and C and out m x p, as if computed in twice the precision and
 * then rounded: Ogita, Rump & Oishi (2005), "Accurate Sum and Dot Product", algorithm 5.3 (Dot2). Factors up to 1e300.
 */
export function subtractCompensated(A: Matrix, B: Matrix, d: Float64Array, C: Matrix, out: Matrix): void {
  const { rows: n, cols: m } = A;
  const p = B.cols;
  // -out, summed up from here in two parts.
  const high = new Float64Array(m);
  const low = new Float64Array(m);
  const add = (j: number, a: number, b: number): void => {
    const product = a * b;
    const aShifted = SPLITTER * a;
    const bShifted = SPLITTER * b;
    const aHigh = aShifted - (aShifted - a);
    const bHigh = bShifted - (bShifted - b);
    const aLow = a - aHigh;
    const bLow = b - bHigh;
    const productError = aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
    const before = high[j];
    const sum = before + product;
    const rest = sum - before;
    high[j] = sum;
    low[j] += before - (sum - rest) + (product - rest) + productError;
  };
  for (let o = 0; o < p; o += 1) {
    for (let j = 0; j < m; j += 1) {
      high[j] = -out.data[j * p + o];
      low[j] = 0;
    }
    for (let i = 0, k = 0; i < n; i += 1) {
      const b = B.data[i * p + o];
      for (let j = 0; j < m; j += 1, k += 1) add(j, A.data[k], b);
    }
    for (let j = 0; j < m; j += 1) {
      add(j, d[j], C.data[j * p + o]);
      out.data[j * p + o] = -(high[j] + low[j]);
    }
  }
}
