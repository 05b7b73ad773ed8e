import { createRequire } from 'node:module';

type ForeignFunction = (...args: unknown[]) => unknown;

/** What is used of koffi: a library by its path or its name, and of it functions by their C prototypes. */
export type LoadLibrary = (path: string) => { func: (prototype: string) => ForeignFunction };

/** Undefined where koffi has no build for the platform. */
export function libraryLoader(): LoadLibrary | undefined {
  try {
    return (createRequire(import.meta.url)('koffi') as { load: LoadLibrary }).load;
  } catch {
    return undefined;
  }
}
