import { describe, expect, it } from 'vitest';
import { Matrix } from '../linalg/matrix.js';
import { describeKernel } from './kernel.contract.js';
import { buildKernel } from './kernels.js';

describeKernel('mlp', [
  {
    label: 'one weight variance, two dimensions out of order',
    spec: { type: 'mlp', dims: [2, 0], params: { variance: 1.4, weight_variance: 0.8, bias_variance: 0.6 } },
    formula:
      'variance * 2 / pi * asin((sum(weight_variance * x .* z) + bias_variance) / sqrt(((sum(weight_variance * x .* x) + bias_variance) + 1) * ((sum(weight_variance * z .* z) + bias_variance) + 1)))',
    gpy: { between: 0.5505372007450025, diagonal: 0.5106637367544885 },
    perDim: ['weight_variance'],
  },
  {
    label: 'a weight variance a dimension',
    spec: {
      type: 'mlp',
      dims: [0, 1, 2],
      params: { variance: 1.4, weight_variance: [0.8, 1.7, 3.0], bias_variance: 0.6 },
    },
    formula:
      'variance * 2 / pi * asin((sum(weight_variance .* x .* z) + bias_variance) / sqrt(((sum(weight_variance .* x .* x) + bias_variance) + 1) * ((sum(weight_variance .* z .* z) + bias_variance) + 1)))',
    gpy: { between: 0.7056659519514717, diagonal: 0.8797797426773662 },
    perDim: ['weight_variance'],
  },
]);

describe('mlp with large weights, where the arc sine is steep', () => {
  // k and dk/dx_1 at 60 digits (mpmath), rounded.
  it.each([
    [1e6, 1, [0.5, 0.25], [0.5, 0.25], 0.9983894699368708, 0.0012884164917936608],
    [1e10, 1, [0.5, 0.25], [0.5000001, 0.25], 0.9999838945728932, 0.0016234108216136819],
    [1e17, 0.5, [0.5, 0.25], [0.5, 0.2500000001], 0.9999999949060233, -0.010183876553883031],
    [1e8, 0.5, [0.5, 0.25], [-0.5, -0.2500001], -0.9997722359766923, 4.555279385690114e-5],
  ])('keeps its digits: weight variance %d, bias %d, x = %j, z = %j', (w, bias, x, z, value, slope) => {
    const params = { variance: 1, weight_variance: w, bias_variance: bias };
    const kernel = buildKernel({ type: 'mlp', dims: [0, 1], params }, 2);
    const Z = Matrix.fromRows([z]);
    const out = new Float64Array(1);
    kernel.panel(Z, Matrix.fromRows([x]), out);
    // Of 1 - |k|, what is left of it, six digits.
    expect((1 - Math.abs(out[0])) / (1 - Math.abs(value))).toBeCloseTo(1, 6);
    const gradient = new Float64Array(2);
    kernel.addGradient(Z, Float64Array.from(x), Float64Array.of(1), gradient);
    expect(gradient[0] / slope).toBeCloseTo(1, 6);
  });
});
