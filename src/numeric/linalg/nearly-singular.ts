/** Where rounding may change the smallest eigenvalues of K by more than this part, K is nearly singular. */
const PART = 1e-4;

/**
 * Whether rounding has a say in log |K| and K^-1. `least` is the least that is added to K's diagonal: K's largest eigenvalue
 * is at most its trace, the smallest may be as small as `least`.
 */
export function isNearlySingular(trace: number, least: number): boolean {
  return Number.EPSILON * trace > PART * least;
}
