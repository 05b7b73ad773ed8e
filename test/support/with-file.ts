import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ModelFile } from '../../src/models/model-file.js';

/** Loads `text` as the content of a file of that name, which is gone afterwards. */
export async function withFile<T>(
  name: string,
  content: string | Uint8Array,
  use: (file: ModelFile) => T | Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'kriged-'));
  try {
    writeFileSync(join(folder, name), content);
    return await use(new ModelFile(join(folder, name)));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
