import { stat } from 'node:fs/promises';
import type { FoundVersion } from './model-folder.js';

/** What tells whether the files of a version are the ones that were looked at. */
export interface Stamp {
  readonly text: string;
  /** When one of them last changed, in milliseconds. */
  readonly changed: number;
}

/** Undefined where a file is gone. */
export async function stampOf({ paths, manifest }: FoundVersion): Promise<Stamp | undefined> {
  const all = manifest === undefined ? paths : [...paths, manifest];
  try {
    const facts = await Promise.all(all.map((path) => stat(path)));
    return {
      text: facts
        .map(({ dev, ino, size, mtimeMs, ctimeMs }, index) =>
          [all[index], dev, ino, size, mtimeMs, ctimeMs].join(':'),
        )
        .join('\n'),
      changed: Math.max(...facts.map(({ mtimeMs, ctimeMs }) => Math.max(mtimeMs, ctimeMs))),
    };
  } catch {
    return undefined;
  }
}
