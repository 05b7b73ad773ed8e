export { cholesky } from './cholesky';
export { multiplyColumn, solveLowerColumn, solveLowerTransposeColumn } from './column';
export { addValues, columnDots, gram, multiply, multiplyValues, weightedColumnSums } from './product';
export { periodicPanel, stationaryPanel } from './stationary';
export { solveLower, solveLowerTranspose } from './triangular';
import { cos, exp, log1p, sin } from './elementary';

/** Elementary functions over an array of an even length, for the specs: 0 exp, 1 log1p, 2 sin, 3 cos. */
export function evaluate(which: i32, values: usize, count: usize): void {
  for (const end = values + (count << 3); values < end; values += 16) {
    const x = v128.load(values);
    if (which == 0) v128.store(values, exp(x));
    else if (which == 1) v128.store(values, log1p(x));
    else if (which == 2) v128.store(values, sin(x));
    else v128.store(values, cos(x));
  }
}
