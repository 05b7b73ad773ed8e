import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FOLDER = '../../src/models/gpr/importers/pickle/fixtures/';

/** There is one of each fixture for every protocol: `gpy.4.pkl`. See make-fixtures.py, beside them. */
export const PROTOCOLS = [0, 1, 2, 3, 4, 5];

export function fixture(name: string): Buffer {
  return readFileSync(fileURLToPath(new URL(FOLDER + name, import.meta.url)));
}
