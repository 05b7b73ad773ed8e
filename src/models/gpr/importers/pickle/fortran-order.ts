type Place = (numbers: ArrayLike<number>, start: number) => void;

/**
 * Turns Fortran order (first index fastest) into row-major order, piece by piece.
 * @returns a function that takes the numbers from position `start` on, as the file has them, and places them in `result`
 */
export function transposedInto(result: Float64Array, shape: readonly number[]): Place {
  // Singleton dimensions do not affect the order, and a matrix is by far the most frequent case.
  const sizes = shape.filter((size) => size !== 1);
  const strides = sizes.map((_, axis) => sizes.slice(axis + 1).reduce((stride, size) => stride * size, 1));
  return (numbers, start) => {
    for (let index = 0; index < numbers.length;) {
      // Position of the run that begins here: its index along each axis but the first gives the place of the run.
      const rows = sizes[0] ?? 1;
      let rest = Math.floor((start + index) / rows);
      const row = (start + index) % rows;
      let target = row * (strides[0] ?? 1);
      for (let axis = 1; axis < sizes.length; axis++) {
        target += (rest % sizes[axis]) * strides[axis];
        rest = Math.floor(rest / sizes[axis]);
      }
      const end = Math.min(numbers.length, index + rows - row);
      const step = strides[0] ?? 1;
      for (; index < end; index++, target += step) result[target] = numbers[index]!;
    }
  };
}
