import { GpyJsonImporter } from './gpy-json.importer.js';
import type { Importer } from './importer.js';
import { PickleImporter } from './pickle.importer.js';

/** Every file format a GP is read from; the first that recognises a file reads it. To add one: a file, a line here. */
export const IMPORTERS: readonly Importer[] = [new PickleImporter(), new GpyJsonImporter()];
