import { BlasLinearAlgebra } from '../numeric/linalg/blas/blas-linear-algebra.js';
import type { LinearAlgebra } from '../numeric/linalg/linear-algebra.js';
import type { WasmHeap } from '../numeric/linalg/wasm/wasm-heap.js';
import { WasmLinearAlgebra, type WasmShare } from '../numeric/linalg/wasm/wasm-linear-algebra.js';
import { type BlasSetting, findBlas } from './blas/find-blas.js';

/** What a worker needs to compute on the models of the main thread: it can be posted as it is. */
export interface BackendShare {
  readonly wasm: WasmShare;
  readonly blasPath?: string;
}

/** What this process computes with: WebAssembly always, OpenBLAS beside it where there is one. */
export class Backend {
  private constructor(
    readonly linalg: LinearAlgebra,
    /** For the log and `/health`: "OpenBLAS 0.3.21 + WebAssembly SIMD". */
    readonly description: string,
    private readonly wasm: WasmLinearAlgebra,
    private readonly blasPath: string | undefined,
  ) {}

  /** On the main thread, once. Throws BlasError where `blas` names a library that cannot be used. */
  static create(blas: BlasSetting): Backend {
    return Backend.#build(WasmLinearAlgebra.create(), blas);
  }

  /** On a worker, with what the main thread's `share` gave it. */
  static attach({ wasm, blasPath }: BackendShare): Backend {
    return Backend.#build(WasmLinearAlgebra.attach(wasm), blasPath ?? 'off');
  }

  /** WebAssembly alone, whose answer to a row has the same bits whatever rows are computed with it; BLAS's has not. */
  get steady(): LinearAlgebra {
    return this.wasm;
  }

  /** Where models live: for `postState` and `receiveState`. */
  get heap(): WasmHeap {
    return this.wasm.heap;
  }

  /** For one worker: it has working memory of its own, which `unshare` takes back when the worker has ended. */
  share(): BackendShare {
    return { wasm: this.wasm.share(), ...(this.blasPath !== undefined && { blasPath: this.blasPath }) };
  }

  unshare({ wasm }: BackendShare): void {
    this.wasm.unshare(wasm);
  }

  static #build(wasm: WasmLinearAlgebra, setting: BlasSetting): Backend {
    const blas = findBlas(setting);
    const linalg = blas === undefined ? wasm : new BlasLinearAlgebra(blas.functions, wasm);
    const description = blas === undefined ? 'WebAssembly SIMD' : `${blas.name} + WebAssembly SIMD`;
    return new Backend(linalg, description, wasm, blas?.path);
  }
}
