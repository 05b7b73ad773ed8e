import { nmadd } from './fma';

/**
 * out_j -= sum_i A_ij^2 for n x m, where no difference falls below 0 but for rounding: what each step loses is summed up
 * beside it and added at the end. With s >= a^2, s - fl(s - a^2) is exact (Dekker 1971), and so is the loss but for one
 * rounding, if the multiply-add is fused; else the rounding of each square stays. Each column is computed in the same
 * order, to the same bits, wherever it stands.
 */
export function subtractColumnSquares(a: usize, n: usize, m: usize, out: usize): void {
  const ld = m << 3;
  let j: usize = 0;
  for (; j + 3 < m; j += 4) {
    const to = out + (j << 3);
    let s0 = v128.load(to);
    let s1 = v128.load(to, 16);
    let lost0 = f64x2.splat(0.0);
    let lost1 = lost0;
    let p = a + (j << 3);
    for (let i: usize = 0; i < n; i++) {
      const x0 = v128.load(p);
      const x1 = v128.load(p, 16);
      const t0 = nmadd(x0, x0, s0);
      const t1 = nmadd(x1, x1, s1);
      lost0 = f64x2.add(lost0, nmadd(x0, x0, f64x2.sub(s0, t0)));
      lost1 = f64x2.add(lost1, nmadd(x1, x1, f64x2.sub(s1, t1)));
      s0 = t0;
      s1 = t1;
      p += ld;
    }
    v128.store(to, f64x2.add(s0, lost0));
    v128.store(to, f64x2.add(s1, lost1), 16);
  }
  for (; j < m; j++) {
    const to = out + (j << 3);
    let s = v128.load64_zero(to);
    let lost = f64x2.splat(0.0);
    let p = a + (j << 3);
    for (let i: usize = 0; i < n; i++) {
      const x = v128.load64_zero(p);
      const t = nmadd(x, x, s);
      lost = f64x2.add(lost, nmadd(x, x, f64x2.sub(s, t)));
      s = t;
      p += ld;
    }
    v128.store64_lane(to, f64x2.add(s, lost), 0);
  }
}
