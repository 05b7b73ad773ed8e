import { existsSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** As in src/numeric/linalg/linear-algebra.ts; the benchmark only hands it on. */
export interface Backend {
  readonly name: string;
}

const dist = fileURLToPath(new URL('../../dist/', import.meta.url));

/** Imports a compiled module of src. */
export function fromDist(path: string): Promise<Record<string, unknown>> {
  return import(pathToFileURL(dist + path).href) as Promise<Record<string, unknown>>;
}

type Constructor = new () => Backend;
type Factory = { create(): Backend };
type BlasConstructor = new (blas: object, base: Backend) => Backend;
type FindBlas = (setting: string) => { readonly name: string; readonly functions: object } | undefined;

/**
 * How each backend is made. To add one: a line here; undefined where the machine lacks it. The targets look for the
 * names `wasm` and `openblas`.
 */
const BACKENDS: Readonly<Record<string, () => Promise<Backend | undefined>>> = {
  typescript: async () => {
    const { TypeScriptLinearAlgebra } = await fromDist('numeric/linalg/typescript-linear-algebra.js');
    return new (TypeScriptLinearAlgebra as Constructor)();
  },
  wasm: async () => {
    const { WasmLinearAlgebra } = await fromDist('numeric/linalg/wasm/wasm-linear-algebra.js');
    return (WasmLinearAlgebra as Factory).create();
  },
  openblas: async () => {
    const library = await findBlas();
    if (library === undefined) return undefined;
    const { WasmLinearAlgebra } = await fromDist('numeric/linalg/wasm/wasm-linear-algebra.js');
    const { BlasLinearAlgebra } = await fromDist('numeric/linalg/blas/blas-linear-algebra.js');
    return new (BlasLinearAlgebra as BlasConstructor)(
      library.functions,
      (WasmLinearAlgebra as Factory).create(),
    );
  },
};

/** What a server with BLAS=auto finds here. */
export async function findBlas(): Promise<ReturnType<FindBlas>> {
  const { findBlas: find } = await fromDist('compute/blas/find-blas.js');
  return (find as FindBlas)(process.env['BLAS'] ?? 'auto');
}

/** The backends that this machine and this build have, by name. */
export async function availableBackends(): Promise<Map<string, Backend>> {
  if (!existsSync(dist)) throw new Error('There is no dist: run npm run build first.');
  const found = new Map<string, Backend>();
  for (const [name, make] of Object.entries(BACKENDS)) {
    const backend = await make();
    if (backend !== undefined) found.set(name, backend);
  }
  return found;
}
