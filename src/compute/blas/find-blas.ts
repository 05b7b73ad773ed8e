import { existsSync } from 'node:fs';
import type { BlasFunctions } from '../../numeric/linalg/blas/blas-functions.js';
import { type LoadLibrary, libraryLoader } from '../native-library.js';
import { bindBlas } from './bind-blas.js';

/** 'auto': the first library found; 'off': none; anything else: the path of one, which must load. */
export type BlasSetting = string;

/** A library that was found, and where: workers load it by its path. */
export interface BlasLibrary {
  readonly path: string;
  /** Name and version, for the log and `/health`. */
  readonly name: string;
  readonly functions: BlasFunctions;
}

/** `BLAS` names a library that cannot be used. */
export class BlasError extends Error {
  override readonly name = 'BlasError';
}

/** What the loader searches its own paths for, then where packages put it. */
const NAMES = ['libopenblas.so.0', 'libopenblas.so', 'libopenblas.dylib', 'libopenblas.dll'];
const FOLDERS = [
  '/usr/lib64',
  '/usr/lib',
  '/usr/local/lib',
  '/opt/OpenBLAS/lib',
  '/opt/homebrew/opt/openblas/lib',
];

/**
 * OpenBLAS, when there is one. `threads` is for the whole process: 1 where several threads of ours call it at once.
 * Throws BlasError for a path that does not load, or that lacks a function.
 */
export function findBlas(setting: BlasSetting = 'auto', threads = 1): BlasLibrary | undefined {
  if (setting === 'off') return undefined;
  const load = libraryLoader();
  if (setting !== 'auto') {
    if (load === undefined)
      throw new BlasError('BLAS: the package "koffi", which loads it, does not run here.');
    return open(setting, load, threads);
  }
  if (load === undefined) return undefined;
  const paths = FOLDERS.flatMap((folder) => NAMES.map((name) => `${folder}/${name}`)).filter((path) =>
    existsSync(path),
  );
  for (const path of [...NAMES, ...paths]) {
    try {
      return open(path, load, threads);
    } catch (error) {
      if (!(error instanceof BlasError)) throw error;
    }
  }
  return undefined;
}

function open(path: string, load: LoadLibrary, threads: number): BlasLibrary {
  try {
    const functions = bindBlas(load, path, threads);
    return { path, name: functions.name, functions };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new BlasError(
      `BLAS: ${path} cannot be used (${reason}). Expected auto, off or the path of libopenblas.`,
    );
  }
}
