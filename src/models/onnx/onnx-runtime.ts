import { ModelFileError } from '../model-errors.js';

/** The element types that a model's numbers may have. */
export type ElementType =
  | 'float32'
  | 'float64'
  | 'int8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'uint8'
  | 'uint16'
  | 'uint32'
  | 'uint64'
  | 'bool';

/** The part of onnxruntime-node's interface that is used here: the package need not be installed to compile this. */
export interface OnnxRuntime {
  readonly InferenceSession: {
    create(bytes: Uint8Array, options: object): Promise<OnnxSession>;
  };
  readonly Tensor: new (type: string, data: TensorData, dims: readonly number[]) => OnnxTensor;
  readonly env: { readonly versions: { readonly node?: string } };
}

export interface OnnxSession {
  readonly inputMetadata: readonly OnnxValueInfo[];
  readonly outputMetadata: readonly OnnxValueInfo[];
  run(feeds: Readonly<Record<string, OnnxTensor>>): Promise<Readonly<Record<string, OnnxTensor>>>;
  release(): Promise<void>;
}

/** An input or output of the graph: a dimension is a number, or the name of one that is open. */
export interface OnnxValueInfo {
  readonly name: string;
  readonly isTensor: boolean;
  readonly type?: string;
  readonly shape?: readonly (number | string)[];
}

export interface OnnxTensor {
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: TensorData;
}

export type TensorData =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array;

/** Not a literal, so that neither the compiler nor a bundler looks for a package that is optional. */
const PACKAGE: string = 'onnxruntime-node';

/** The CPU build comes in the package; its install script would fetch a GPU build. */
const INSTALL = `npm install --ignore-scripts ${PACKAGE}`;

/** Loads the package when the first model needs it. Throws ModelFileError where it is not installed. */
export async function loadOnnxRuntime(): Promise<OnnxRuntime> {
  try {
    return (await import(PACKAGE)) as OnnxRuntime;
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND';
    throw new ModelFileError(
      missing
        ? `ONNX models need the package ${PACKAGE}, which is not installed: ${INSTALL}, then start the server again.`
        : `The package ${PACKAGE} is installed but cannot be loaded on this machine (${process.platform}/${process.arch}).`,
    );
  }
}

/**
 * A session that computes on the calling thread. It is made of bytes alone, and knows the operators of ONNX and of
 * ONNX Runtime itself: no library of operators is loaded.
 */
export function createSession({ InferenceSession }: OnnxRuntime, bytes: Uint8Array): Promise<OnnxSession> {
  return InferenceSession.create(bytes, {
    executionProviders: ['cpu'],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 4,
  });
}

/** Absolute paths, paths of several folders, and places in source code. */
const PLACES = /(?<!\S)[/\\]\S+|\S*(?:[/\\]\S+){2,}|\S+\.(?:cc|h):\d+/g;

/** What ONNX Runtime says of a failure: one line, without the places in its own source code. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const line = text.replaceAll(PLACES, '').replaceAll(/\s+/g, ' ').trim();
  return line.slice(0, 300);
}
