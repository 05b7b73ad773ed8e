import type { ClonedMatrix } from '../cloned.js';
import { ModelFileError } from '../model-errors.js';
import { type InputSignature, readInputs, requireNumbers, type TensorColumns } from './graph-signature.js';
import { GraphRunError } from './onnx-errors.js';
import { createSession, type OnnxRuntime, type OnnxSession, reasonOf } from './onnx-runtime.js';
import { fromTensors, toTensors } from './tensors.js';

/** What a graph takes and gives; plain data. */
export interface GraphSignature {
  readonly inputs: InputSignature;
  readonly outputs: readonly TensorColumns[];
}

/** A loaded graph. It computes on the thread that calls it, and holds that thread up meanwhile. */
export class Graph {
  constructor(
    private readonly runtime: OnnxRuntime,
    private readonly session: OnnxSession,
    readonly signature: GraphSignature,
  ) {}

  /** Fills rows [start, end) of `table` with the outputs for these rows of `X`. Throws GraphRunError. */
  async run(X: ClonedMatrix, table: ClonedMatrix, start: number, end: number): Promise<void> {
    const { inputs, outputs } = this.signature;
    const step = inputs.batch ?? Math.max(1, end - start);
    for (let row = start; row < end; row += step) {
      const feeds = toTensors(this.runtime, inputs.tensors, X, row, step);
      const count = Math.min(step, end - row);
      try {
        fromTensors(outputs, await this.session.run(feeds), table, row, count);
      } catch (error) {
        throw new GraphRunError(reasonOf(error));
      }
    }
  }

  release(): Promise<void> {
    return this.session.release();
  }
}

/**
 * A graph from the bytes of a file. It is run once on zeros: what a graph's outputs look like is often not written in
 * it. Throws ModelFileError, also where its inputs or outputs are no table of numbers.
 */
export async function openGraph(runtime: OnnxRuntime, bytes: Uint8Array): Promise<Graph> {
  let session: OnnxSession;
  try {
    session = await createSession(runtime, bytes);
  } catch (error) {
    throw new ModelFileError(`ONNX Runtime refuses the file: ${reasonOf(error)}`);
  }
  try {
    const inputs = readInputs(session.inputMetadata);
    const outputs = await trialOutputs(runtime, session, inputs);
    return new Graph(runtime, session, { inputs, outputs });
  } catch (error) {
    await session.release();
    throw error;
  }
}

/** Two rows where the graph takes any number, so that what belongs to a row can be told from what does not. */
const TRIAL_ROWS = 2;

async function trialOutputs(
  runtime: OnnxRuntime,
  session: OnnxSession,
  inputs: InputSignature,
): Promise<TensorColumns[]> {
  const types = session.outputMetadata.map((info) => ({
    name: info.name,
    type: requireNumbers(info, 'output'),
  }));
  const rows = inputs.batch ?? TRIAL_ROWS;
  const cols = inputs.tensors.reduce((sum, { columns }) => sum + columns, 0);
  const zeros = { rows, cols, data: new Float64Array(rows * cols) };
  const feeds = toTensors(runtime, inputs.tensors, zeros, 0, rows);
  const results = await session.run(feeds).catch((error: unknown) => {
    throw new ModelFileError(`The graph cannot be run: ${reasonOf(error)}`);
  });
  return types.map(({ name, type }) => {
    const { dims } = results[name];
    const columns = dims.slice(1).reduce((product, size) => product * size, 1);
    if (dims[0] !== rows || columns === 0) {
      throw new ModelFileError(
        `The output ${JSON.stringify(name)} has the shape [${dims.join(', ')}] for ${rows} rows, expected one entry a row.`,
      );
    }
    return { name, type, columns, flat: dims.length === 1 };
  });
}
