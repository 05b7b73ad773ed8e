import { FUSED, PLAIN } from './linalg-wasm.generated.js';

/** What `../assembly/index.ts` exports. Arguments are addresses in bytes and counts; see there. */
export interface WasmExports {
  readonly cholesky: (a: number, n: number, columns: number, work: number) => number;
  readonly invertCholesky: (l: number, n: number, work: number) => void;
  readonly solveLower: (l: number, ldl: number, n: number, panel: number, m: number, work: number) => void;
  readonly solveLowerTranspose: WasmExports['solveLower'];
  readonly solveLowerColumn: (l: number, ldl: number, n: number, x: number) => void;
  readonly solveLowerTransposeColumn: WasmExports['solveLowerColumn'];
  readonly multiplyColumn: (a: number, rows: number, count: number, x: number, y: number) => void;
  readonly multiply: (
    a: number,
    rowStride: number,
    termStride: number,
    rows: number,
    count: number,
    b: number,
    m: number,
    out: number,
    work: number,
  ) => void;
  readonly gram: (a: number, n: number, m: number, out: number, work: number) => void;
  readonly weightedColumnSums: (
    a: number,
    n: number,
    m: number,
    weights: number,
    stride: number,
    out: number,
    outStride: number,
    work: number,
  ) => void;
  readonly subtractColumnSquares: (a: number, n: number, m: number, out: number) => void;
  readonly columnDots: (a: number, b: number, n: number, m: number, out: number, work: number) => void;
  readonly addValues: (values: number, out: number, count: number) => void;
  readonly multiplyValues: WasmExports['addValues'];
  readonly stationaryPanel: (
    shape: number,
    variance: number,
    parameter: number,
    d: number,
    columns: number,
    scale: number,
    z: number,
    ldz: number,
    n: number,
    x: number,
    m: number,
    out: number,
    work: number,
  ) => void;
  readonly stationaryTriangle: (
    shape: number,
    variance: number,
    parameter: number,
    d: number,
    columns: number,
    scale: number,
    z: number,
    ldz: number,
    first: number,
    rows: number,
    x: number,
    m: number,
    out: number,
    ldout: number,
    work: number,
  ) => void;
  readonly stationarySums: (
    shape: number,
    variance: number,
    d: number,
    columns: number,
    scale: number,
    z: number,
    ldz: number,
    first: number,
    rows: number,
    x: number,
    m: number,
    triangular: number,
    w: number,
    ldw: number,
    sums: number,
    work: number,
  ) => void;
  readonly periodicPanel: (
    variance: number,
    d: number,
    columns: number,
    scale: number,
    z: number,
    ldz: number,
    n: number,
    x: number,
    m: number,
    out: number,
    work: number,
  ) => void;
  readonly evaluate: (which: number, values: number, count: number) => void;
}

/** The module with fused multiply-add where the engine can run it, else the plain one. Compiled once a thread. */
export function wasmModule(): WebAssembly.Module {
  compiled ??= compile();
  return compiled;
}

export function instantiate(module: WebAssembly.Module, memory: WebAssembly.Memory): WasmExports {
  const { exports } = new WebAssembly.Instance(module, { env: { memory, sin: Math.sin, cos: Math.cos } });
  return exports as WasmExports;
}

let compiled: WebAssembly.Module | undefined;

function compile(): WebAssembly.Module {
  const fused = bytesOf(FUSED);
  return new WebAssembly.Module(WebAssembly.validate(fused) ? fused : bytesOf(PLAIN));
}

/** For the specs: the plain module runs wherever the fused one does. */
export function plainModule(): WebAssembly.Module {
  return new WebAssembly.Module(bytesOf(PLAIN));
}

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
