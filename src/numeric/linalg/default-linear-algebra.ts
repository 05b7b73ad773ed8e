import type { LinearAlgebra } from './linear-algebra.js';
import { WasmLinearAlgebra } from './wasm/wasm-linear-algebra.js';

/** The backend of whoever names none: WebAssembly, with one heap for the thread, made when it is first asked for. */
export function defaultLinearAlgebra(): LinearAlgebra {
  shared ??= WasmLinearAlgebra.create();
  return shared;
}

let shared: LinearAlgebra | undefined;
