import { Matrix } from '../../numeric/linalg/matrix.js';
import type { OptionalMethod } from '../model.js';
import type { PredictOptions, Prediction } from '../prediction.js';
import { asList, asObject, readArray, wrongAnswer } from './answer-values.js';
import type { RemoteClient } from './remote-client.js';
import type { Connection, RemoteProtocol } from './remote-protocol.js';

const MOST_VARIABLES = 10_000;

/** UM-Bridge 1.0: one point a call, as lists of input vectors and output vectors, which are read as one row each. */
export const umBridge: RemoteProtocol = {
  title: 'UM-Bridge',

  async connect(client, { model, config = {} }, signal) {
    const info = asObject(await client.json({ path: '/Info', values: 0 }, signal), 'Info');
    if (!asList(info.models, 'Info.models').includes(model))
      throw wrongAnswer('it has no model of this name');
    const ask = async (path: string): Promise<Record<string, unknown>> => {
      const body = Buffer.from(JSON.stringify({ name: model, config }));
      return asObject(await client.json({ path, body, values: MOST_VARIABLES }, signal), path.slice(1));
    };
    const support = asObject((await ask('/ModelInfo')).support, 'support');
    if (support.Evaluate !== true) throw wrongAnswer('the model does not support Evaluate');
    const inputSizes = sizes((await ask('/InputSizes')).inputSizes, 'inputSizes');
    const outputSizes = sizes((await ask('/OutputSizes')).outputSizes, 'outputSizes');
    return new UmBridgeConnection(
      client,
      { name: model, config },
      inputSizes,
      outputSizes,
      support.Gradient === true,
    );
  },
};

class UmBridgeConnection implements Connection {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly supports: ReadonlySet<OptionalMethod>;
  readonly facts = {};

  constructor(
    private readonly client: RemoteClient,
    /** What every call says. */
    private readonly common: object,
    private readonly inputSizes: readonly number[],
    private readonly outputSizes: readonly number[],
    gradient: boolean,
  ) {
    this.inputs = numbered('x', sum(inputSizes));
    const p = sum(outputSizes);
    this.outputs = p === 1 ? ['y'] : numbered('y', p);
    this.supports = new Set(gradient ? ['gradient'] : []);
  }

  rowsPerCall(): number {
    return 1;
  }

  async predict(X: Matrix, { gradients }: PredictOptions, signal: AbortSignal): Promise<Prediction> {
    const p = this.outputs.length;
    const mean = Matrix.zeros(X.rows, p);
    const meanGradient = new Float64Array(gradients ? X.rows * p * X.cols : 0);
    for (let i = 0; i < X.rows; i++) {
      const input = split(X.row(i), this.inputSizes);
      mean.row(i).set(await this.#evaluate(input, signal));
      if (gradients) meanGradient.set(await this.#gradient(input, signal), i * p * X.cols);
    }
    return { mean, ...(gradients && { meanGradient }) };
  }

  async #evaluate(input: number[][], signal: AbortSignal): Promise<Float64Array> {
    const { output } = await this.#ask('/Evaluate', { input }, this.outputs.length, signal);
    const blocks = asList(output, 'output');
    if (blocks.length !== this.outputSizes.length) {
      throw wrongAnswer(`output has ${blocks.length} items, expected ${this.outputSizes.length}`);
    }
    const row = new Float64Array(this.outputs.length);
    forEachBlock(this.outputSizes, (size, at, k) =>
      row.set(readArray(blocks[k], [size], `output[${k}]`), at),
    );
    return row;
  }

  /**
   * p x d. `Gradient` gives sens^T J for the Jacobian J of one output vector by one input vector: with a unit vector
   * for sens, a row of J.
   */
  async #gradient(input: number[][], signal: AbortSignal): Promise<Float64Array> {
    const d = this.inputs.length;
    const J = new Float64Array(this.outputs.length * d);
    for (const { outWrt, unit, q } of this.#units()) {
      for (const [inWrt, at] of offsets(this.inputSizes).entries()) {
        const size = this.inputSizes[inWrt];
        const { output } = await this.#ask('/Gradient', { outWrt, inWrt, input, sens: unit }, size, signal);
        J.set(readArray(output, [size], 'output'), q * d + at);
      }
    }
    return J;
  }

  /** For each output q the vector it stands in, and the unit vector that picks it there. */
  #units(): { outWrt: number; unit: number[]; q: number }[] {
    const starts = offsets(this.outputSizes);
    return this.outputSizes.flatMap((size, outWrt) =>
      Array.from({ length: size }, (_, k) => ({
        outWrt,
        unit: Array.from({ length: size }, (_unused, i) => (i === k ? 1 : 0)),
        q: starts[outWrt] + k,
      })),
    );
  }

  async #ask(
    path: string,
    more: object,
    values: number,
    signal: AbortSignal,
  ): Promise<Record<string, unknown>> {
    const body = Buffer.from(JSON.stringify({ ...this.common, ...more }));
    return asObject(await this.client.json({ path, body, values }, signal), 'the answer');
  }
}

function sizes(value: unknown, path: string): number[] {
  const list = asList(value, path) as number[];
  if (!list.every((size) => Number.isSafeInteger(size) && size > 0)) {
    throw wrongAnswer(`${path} are not whole numbers above 0`);
  }
  const total = sum(list);
  if (total === 0 || total > MOST_VARIABLES)
    throw wrongAnswer(`${path} are ${total} in all, expected 1 to ${MOST_VARIABLES}`);
  return list;
}

function sum(list: readonly number[]): number {
  return list.reduce((total, size) => total + size, 0);
}

/** Where each block of these sizes begins. */
function offsets(blockSizes: readonly number[]): number[] {
  return blockSizes.map((_, k) => sum(blockSizes.slice(0, k)));
}

function forEachBlock(
  blockSizes: readonly number[],
  visit: (size: number, at: number, k: number) => void,
): void {
  offsets(blockSizes).forEach((at, k) => visit(blockSizes[k], at, k));
}

function split(row: Float64Array, blockSizes: readonly number[]): number[][] {
  return offsets(blockSizes).map((at, k) => Array.from(row.subarray(at, at + blockSizes[k])));
}

function numbered(letter: string, length: number): string[] {
  return Array.from({ length }, (_, i) => `${letter}${i + 1}`);
}
