import type { BlasFunctions } from '../../numeric/linalg/blas/blas-functions.js';
import type { LoadLibrary } from '../native-library.js';

// Of cblas.h.
const ROW_MAJOR = 101;
const NO_TRANSPOSE = 111;
const TRANSPOSE = 112;
const LOWER = 122;
const NON_UNIT = 131;
const LEFT = 141;

/** The functions of a library with 32-bit integers. Throws where it does not load or lacks one of them. */
export function bindBlas(load: LoadLibrary, path: string, threads: number): BlasFunctions {
  const library = load(path);
  const dgemm = library.func(
    'void cblas_dgemm(int order, int ta, int tb, int m, int n, int k, double alpha, const double *a, int lda, ' +
      'const double *b, int ldb, double beta, double *c, int ldc)',
  );
  const dtrsm = library.func(
    'void cblas_dtrsm(int order, int side, int uplo, int ta, int diag, int m, int n, double alpha, ' +
      'const double *a, int lda, double *b, int ldb)',
  );
  const dsyrk = library.func(
    'void cblas_dsyrk(int order, int uplo, int trans, int n, int k, double alpha, const double *a, int lda, ' +
      'double beta, double *c, int ldc)',
  );
  const dpotrf = library.func('void dpotrf_(const char *uplo, int *n, double *a, int *lda, _Out_ int *info)');
  const dpotri = library.func('void dpotri_(const char *uplo, int *n, double *a, int *lda, _Out_ int *info)');
  library.func('void openblas_set_num_threads(int threads)')(threads);
  const name = String(library.func('const char *openblas_get_config()')());
  return {
    name: /^OpenBLAS \S+/.exec(name)?.[0] ?? 'OpenBLAS',
    dgemm: (transposeA, transposeB, m, n, k, alpha, A, lda, B, ldb, beta, C, ldc) => {
      const ta = transposeA ? TRANSPOSE : NO_TRANSPOSE;
      const tb = transposeB ? TRANSPOSE : NO_TRANSPOSE;
      dgemm(ROW_MAJOR, ta, tb, m, n, k, alpha, A, lda, B, ldb, beta, C, ldc);
    },
    dtrsm: (transpose, m, n, L, ldl, B, ldb) => {
      dtrsm(ROW_MAJOR, LEFT, LOWER, transpose ? TRANSPOSE : NO_TRANSPOSE, NON_UNIT, m, n, 1, L, ldl, B, ldb);
    },
    dsyrk: (m, n, A, lda, C, ldc) => {
      dsyrk(ROW_MAJOR, LOWER, TRANSPOSE, m, n, 1, A, lda, 0, C, ldc);
    },
    dpotrf: (n, A, lda) => {
      // Fortran counts columns first: our lower triangle is its upper one.
      const info = [0];
      dpotrf('U', [n], A, [lda], info);
      return info[0];
    },
    dpotri: (n, L, ldl) => {
      const info = [0];
      dpotri('U', [n], L, [ldl], info);
      return info[0];
    },
  };
}
