import type { Task } from '../../common/pool/task.js';
import type { ClonedMatrix } from '../cloned.js';
import { createSession, loadOnnxRuntime } from './onnx-runtime.js';
import { Graph, type GraphSignature } from './graph.js';

interface RunInput {
  /** Tells one loaded model from another, so that a worker opens each once. */
  readonly key: string;
  /** The file's bytes, the rows and the table lie in shared memory: posting them copies nothing. */
  readonly bytes: Uint8Array;
  readonly signature: GraphSignature;
  readonly X: ClonedMatrix;
  readonly table: ClonedMatrix;
  readonly start: number;
  readonly end: number;
}

/** Graphs that a worker keeps open, each with its own copy of the model's numbers. */
const KEPT = 4;
const open = new Map<string, Graph>();

/** Rows of an ONNX model, on a worker. */
export const runGraphTask: Task<RunInput, void> = {
  name: 'onnx.run',
  async run(input) {
    const graph = await graphOf(input);
    await graph.run(input.X, input.table, input.start, input.end);
  },
};

/** The least recently used one makes room. */
async function graphOf({ key, bytes, signature }: RunInput): Promise<Graph> {
  let graph = open.get(key);
  if (!graph) {
    const runtime = await loadOnnxRuntime();
    // ONNX Runtime takes no shared memory.
    graph = new Graph(runtime, await createSession(runtime, Uint8Array.from(bytes)), signature);
  }
  open.delete(key);
  open.set(key, graph);
  if (open.size > KEPT) {
    const [oldest] = open.keys();
    await open.get(oldest)?.release();
    open.delete(oldest);
  }
  return graph;
}
