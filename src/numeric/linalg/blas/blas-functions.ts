/**
 * What is used of BLAS and LAPACK, on row-major arrays. A matrix starts where its array starts; `ld` is the distance of
 * its rows in doubles. Whoever loads a library provides these: nothing here knows how.
 */
export interface BlasFunctions {
  /** Name and version of the library, for people. */
  readonly name: string;

  /** C (m x n) := alpha op(A) op(B) + beta C, op(A) m x k. */
  dgemm(
    transposeA: boolean,
    transposeB: boolean,
    m: number,
    n: number,
    k: number,
    alpha: number,
    A: Float64Array,
    lda: number,
    B: Float64Array,
    ldb: number,
    beta: number,
    C: Float64Array,
    ldc: number,
  ): void;

  /** B (m x n) := L^-1 B, or L^-T B, for the lower triangle of L (m x m). */
  dtrsm(
    transpose: boolean,
    m: number,
    n: number,
    L: Float64Array,
    ldl: number,
    B: Float64Array,
    ldb: number,
  ): void;

  /** The lower triangle of C (m x m) := A^T A, for A n x m. */
  dsyrk(m: number, n: number, A: Float64Array, lda: number, C: Float64Array, ldc: number): void;

  /** The lower triangle of A (n x n) := its Cholesky factor. Returns 0, or 1 + the row whose pivot is not positive. */
  dpotrf(n: number, A: Float64Array, lda: number): number;

  /** The lower triangle of a Cholesky factor L (n x n) := that of (L L^T)^-1. Returns 0, or what LAPACK reports. */
  dpotri(n: number, L: Float64Array, ldl: number): number;
}
