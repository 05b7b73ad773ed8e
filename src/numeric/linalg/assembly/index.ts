export { cholesky } from './cholesky';
export { invertCholesky } from './inverse';
export { multiplyColumn, solveLowerColumn, solveLowerTransposeColumn } from './column';
export { addValues, columnDots, gram, multiply, multiplyValues, weightedColumnSums } from './product';
export { subtractColumnSquares } from './squares';
export { periodicPanel, stationaryPanel } from './stationary';
export { stationarySums, stationaryTriangle } from './triangle';
export { solveLower, solveLowerTranspose } from './triangular';
import { cos, expValues, log1pValues, sin } from './elementary';

/** Elementary functions in place over an array whose length is a multiple of 4: 0 exp, 1 log1p, 2 sin, 3 cos. */
export function evaluate(which: i32, values: usize, count: usize): void {
  if (which == 0) expValues(values, values, count, 1.0, 1.0);
  if (which == 1) log1pValues(values, count, 1.0);
  if (which < 2) return;
  for (const end = values + (count << 3); values < end; values += 16) {
    const x = v128.load(values);
    v128.store(values, which == 2 ? sin(x) : cos(x));
  }
}
