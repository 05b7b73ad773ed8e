import { type Peer, sendJson } from './peer.js';

interface Tensor {
  name: string;
  shape: number[];
  datatype: string;
  data: number[];
}

/** An Open Inference server of one model: tensors `x` (N x 2) and `t` (N), answered by `y` (N) and `s` (N x 2). */
export const openInferenceAnswer: Peer['answer'] = (request, response, body) => {
  if (request.url === '/v2/models/linear') {
    return sendJson(response, {
      name: 'linear',
      inputs: [
        { name: 'x', datatype: 'FP64', shape: [-1, 2] },
        { name: 't', datatype: 'FP64', shape: [-1] },
      ],
      outputs: [
        { name: 'y', datatype: 'FP64', shape: [-1] },
        { name: 's', datatype: 'FP64', shape: [-1, 2] },
      ],
    });
  }
  if (request.url !== '/v2/models/linear/infer') return sendJson(response, { error: 'no such model' }, 404);
  const { inputs } = JSON.parse(body) as { inputs: Tensor[] };
  const [x, t] = ['x', 't'].map((name) => inputs.find((tensor) => tensor.name === name)!);
  const rows = x.shape[0];
  if (t.shape.length !== 1 || t.shape[0] !== rows || x.data.length !== 2 * rows) {
    return sendJson(response, { error: 'shapes do not fit' }, 400);
  }
  const y = t.data.map((value, i) => 1.5 * x.data[2 * i] - 2 * x.data[2 * i + 1] + value);
  const s = t.data.map((_, i) => [Math.sin(x.data[2 * i]), x.data[2 * i + 1] ** 2]);
  return sendJson(response, {
    model_name: 'linear',
    // One nested, one flat, and not in the order of the metadata: all of it is allowed.
    outputs: [
      { name: 's', datatype: 'FP64', shape: [rows, 2], data: s },
      { name: 'y', datatype: 'FP64', shape: [rows], data: y },
    ],
  });
};
