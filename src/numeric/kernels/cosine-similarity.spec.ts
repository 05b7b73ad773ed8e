import { describeKernel } from './kernel.contract.js';

describeKernel('cosine similarity', [
  {
    label: 'three dimensions',
    spec: { type: 'cosine-similarity', dims: [0, 1, 2], params: { variance: 1.7 } },
    formula: 'variance * sum(x .* z) / sqrt(sum(x .^ 2) * sum(z .^ 2))',
    sklearn: { between: 1.3691104789029986, diagonal: 1.7 },
  },
  {
    label: 'two dimensions out of order',
    spec: { type: 'cosine-similarity', dims: [2, 0], params: { variance: 1 } },
    formula: 'variance * sum(x .* z) / sqrt(sum(x .^ 2) * sum(z .^ 2))',
    sklearn: { between: 0.99769860907143, diagonal: 1 },
  },
]);
