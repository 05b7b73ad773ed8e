import type { Block } from '../linalg/wasm/block-list.js';
import type { WasmHeap } from '../linalg/wasm/wasm-heap.js';
import { Matrix } from '../linalg/matrix.js';
import type { GpState, MeanSpec } from './gp-state.js';

/** A matrix for another thread of the same heap: where it is, or its numbers where it lies outside. */
type PostedMatrix = {
  readonly rows: number;
  readonly cols: number;
  readonly at: Block | Float64Array;
};

type PostedMean =
  | Exclude<MeanSpec, { type: 'sum' | 'linear' }>
  | { readonly type: 'linear'; readonly A: PostedMatrix }
  | { readonly type: 'sum'; readonly parts: readonly PostedMean[] };

/** A GpState that can be posted to a worker without copying its large arrays. */
export type PostedState = Omit<GpState, 'Z' | 'alpha' | 'factor' | 'mean'> & {
  readonly Z: PostedMatrix;
  readonly alpha: PostedMatrix;
  readonly factor: { readonly type: GpState['factor']['type']; readonly matrix: PostedMatrix };
  readonly mean?: PostedMean;
};

/** `state` is that of a GaussianProcess whose backend works on `heap`: it must not be disposed of while in use. */
export function postState(state: GpState, heap: WasmHeap): PostedState {
  const { Z, alpha, factor, mean, ...rest } = state;
  const post = ({ rows, cols, data }: Matrix): PostedMatrix => ({
    rows,
    cols,
    at: heap.owns(data) ? { byteOffset: data.byteOffset, byteLength: data.byteLength } : data,
  });
  return {
    ...rest,
    Z: post(Z),
    alpha: post(alpha),
    factor: { type: factor.type, matrix: post(factor.type === 'cholesky' ? factor.L : factor.W) },
    ...(mean && { mean: postMean(mean, post) }),
  };
}

/** The state again, on the thread whose `heap` was attached to that of the sender. */
export function receiveState(posted: PostedState, heap: WasmHeap): GpState {
  const { Z, alpha, factor, mean, ...rest } = posted;
  const receive = ({ rows, cols, at }: PostedMatrix): Matrix =>
    new Matrix(rows, cols, at instanceof Float64Array ? at : heap.view(at));
  const matrix = receive(factor.matrix);
  return {
    ...rest,
    Z: receive(Z),
    alpha: receive(alpha),
    factor: factor.type === 'cholesky' ? { type: 'cholesky', L: matrix } : { type: 'inverse', W: matrix },
    ...(mean && { mean: receiveMean(mean, receive) }),
  };
}

function postMean(mean: MeanSpec, post: (matrix: Matrix) => PostedMatrix): PostedMean {
  if (mean.type === 'linear') return { type: 'linear', A: post(mean.A) };
  if (mean.type === 'sum') return { type: 'sum', parts: mean.parts.map((part) => postMean(part, post)) };
  return mean;
}

function receiveMean(mean: PostedMean, receive: (matrix: PostedMatrix) => Matrix): MeanSpec {
  if (mean.type === 'linear') return { type: 'linear', A: receive(mean.A) };
  if (mean.type === 'sum')
    return { type: 'sum', parts: mean.parts.map((part) => receiveMean(part, receive)) };
  return mean;
}
