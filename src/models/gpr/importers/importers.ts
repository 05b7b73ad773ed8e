import type { Importer } from './importer.js';
import { JsonImporter } from './json.importer.js';
import { NpzImporter } from './npz.importer.js';
import { PickleImporter } from './pickle.importer.js';
import { SafetensorsImporter } from './safetensors.importer.js';

/**
 * Every file format a GP is read from; the first that recognises a file reads it, so those that are sure by the
 * file's first bytes come before those that go by its extension. To add one: a file, a line here.
 */
export const IMPORTERS: readonly Importer[] = [
  new SafetensorsImporter(),
  new NpzImporter(),
  new PickleImporter(),
  new JsonImporter(),
];
