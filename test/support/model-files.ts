import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ModelFile } from '../../src/models/model-file.js';

/** Files of a test, in a folder of its own. */
export class ModelFiles {
  readonly #folder = mkdtempSync(join(tmpdir(), 'kriged-files-'));

  write(name: string, content: string | Uint8Array): ModelFile {
    const path = join(this.#folder, name);
    writeFileSync(path, content);
    return new ModelFile(path);
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }
}
