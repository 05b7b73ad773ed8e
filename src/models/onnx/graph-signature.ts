import { ModelFileError } from '../model-errors.js';
import type { Variable } from '../model.js';
import type { ElementType, OnnxValueInfo } from './onnx-runtime.js';

/** One tensor that the graph takes or gives, and how many of the model's columns it holds. */
export interface TensorColumns {
  readonly name: string;
  readonly type: ElementType;
  readonly columns: number;
  /** A tensor [N] has no axis of columns. */
  readonly flat: boolean;
}

/** How a model's rows become the graph's tensors. */
export interface InputSignature {
  readonly tensors: readonly TensorColumns[];
  /** The graph takes exactly so many rows at a time; undefined where it takes any number. */
  readonly batch?: number;
}

const TYPES: ReadonlySet<string> = new Set<ElementType>([
  ...(['float32', 'float64', 'bool'] as const),
  ...(['int8', 'int16', 'int32', 'int64', 'uint8', 'uint16', 'uint32', 'uint64'] as const),
]);

/** Most columns that a graph may have: an image is no row of a table. */
const MOST_COLUMNS = 10_000;

/** Throws ModelFileError, which names the tensor, where the graph's inputs are no table of numbers. */
export function readInputs(metadata: readonly OnnxValueInfo[]): InputSignature {
  if (metadata.length === 0) throw new ModelFileError('The graph has no input.');
  const batches = new Set<number | undefined>();
  const tensors = metadata.map((info) => {
    const type = requireNumbers(info, 'input');
    const { name, shape = [] } = info;
    const [rows, columns = 1] = shape;
    if (shape.length < 1 || shape.length > 2 || typeof columns !== 'number' || columns < 1) {
      throw new ModelFileError(
        `The input ${quote(name)} has the shape [${shape.join(', ')}], expected [N] or [N, columns] with a fixed number of columns.`,
      );
    }
    batches.add(typeof rows === 'number' ? rows : undefined);
    return { name, type, columns, flat: shape.length === 1 };
  });
  const [batch] = batches;
  if (batches.size > 1 || batch === 0) {
    throw new ModelFileError('The inputs of the graph take different numbers of rows at a time.');
  }
  const columns = tensors.reduce((sum, tensor) => sum + tensor.columns, 0);
  if (columns > MOST_COLUMNS) {
    throw new ModelFileError(
      `The graph has ${columns} inputs, more than the ${MOST_COLUMNS} that are served.`,
    );
  }
  return { tensors, ...(batch !== undefined && { batch }) };
}

/** The type of an input's or output's elements. Throws ModelFileError, which names it, where they are no numbers. */
export function requireNumbers(
  { name, isTensor, type }: OnnxValueInfo,
  what: 'input' | 'output',
): ElementType {
  if (!isTensor) {
    throw new ModelFileError(
      `The ${what} ${quote(name)} is a sequence or a map, expected a tensor of numbers: convert a classifier without ZipMap (zipmap=False).`,
    );
  }
  if (type === undefined || !TYPES.has(type)) {
    const hint = type === 'string' ? ': train a classifier on numbers as labels' : '';
    throw new ModelFileError(`The ${what} ${quote(name)} holds ${type}, expected numbers${hint}.`);
  }
  return type as ElementType;
}

/**
 * The model's names for the columns: those of the only input are x1, x2, ...; else a tensor of one column has its
 * name, and one of several has it with _1, _2, ...
 */
export function variablesOf(tensors: readonly TensorColumns[], alone?: string): Variable[] {
  return tensors.flatMap(({ name, columns }) =>
    Array.from({ length: columns }, (_, k): Variable => {
      if (alone !== undefined && tensors.length === 1) return { name: `${alone}${k + 1}`, kind: 'real' };
      return { name: columns === 1 ? name : `${name}_${k + 1}`, kind: 'real' };
    }),
  );
}

function quote(name: string): string {
  return JSON.stringify(name.slice(0, 100));
}
