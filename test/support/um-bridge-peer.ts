import { type Peer, sendJson } from './peer.js';

type Vectors = number[][];

interface UmBridgeModel {
  readonly inputSizes: number[];
  readonly outputSizes: number[];
  evaluate(input: Vectors, scale: number): Vectors;
  /** By output vector and input vector: one row an output, one column an input. */
  jacobian(input: Vectors, scale: number): Vectors[][];
}

const MODELS: Readonly<Record<string, UmBridgeModel>> = {
  small: {
    inputSizes: [2],
    outputSizes: [1],
    evaluate: ([[a, b]]) => [[Math.sin(a) + a * b]],
    jacobian: ([[a, b]]) => [[[[Math.cos(a) + b, a]]]],
  },
  forward: {
    inputSizes: [2, 1],
    outputSizes: [1, 2],
    evaluate: ([[a, b], [c]], scale) => [[scale * (Math.sin(a) + b * c)], [a * b, c ** 2]],
    jacobian: ([[a, b], [c]], scale) => [
      [[[scale * Math.cos(a), scale * c]], [[scale * b]]],
      [
        [
          [b, a],
          [0, 0],
        ],
        [[0], [2 * c]],
      ],
    ],
  },
};

/** A UM-Bridge server of two models with gradients; `scale` is in the config. */
export const umBridgeAnswer: Peer['answer'] = (request, response, body) => {
  if (request.url === '/Info') return sendJson(response, { protocolVersion: 1, models: Object.keys(MODELS) });
  const { name, config, input, outWrt, inWrt, sens } = JSON.parse(body) as {
    name: string;
    config?: { scale?: number };
    input: Vectors;
    outWrt: number;
    inWrt: number;
    sens: number[];
  };
  const model = MODELS[name];
  const scale = config?.scale ?? 1;
  switch (request.url) {
    case '/ModelInfo':
      return sendJson(response, { support: { Evaluate: true, Gradient: true } });
    case '/InputSizes':
      return sendJson(response, { inputSizes: model.inputSizes });
    case '/OutputSizes':
      return sendJson(response, { outputSizes: model.outputSizes });
    case '/Evaluate':
      return sendJson(response, { output: model.evaluate(input, scale) });
    case '/Gradient':
      return sendJson(response, { output: timesJacobian(sens, model.jacobian(input, scale)[outWrt][inWrt]) });
    default:
      return sendJson(response, { error: { type: 'UnsupportedFeature', message: '' } }, 400);
  }
};

function timesJacobian(sens: number[], J: Vectors): number[] {
  return J[0].map((_, column) => sens.reduce((sum, weight, row) => sum + weight * J[row][column], 0));
}
