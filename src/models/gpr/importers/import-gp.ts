import { NumericError } from '../../../numeric/errors.js';
import { ModelFileError } from '../../model-errors.js';
import type { ModelFile } from '../../model-file.js';
import type { ImportContext, ImportedGp } from './importer.js';
import { IMPORTERS } from './importers.js';
import { PickleError } from './pickle/pickle-error.js';

/** Reads the file by the first importer that recognises it. Throws ModelFileError with a reason for people. */
export function importGp(file: ModelFile, context: ImportContext): ImportedGp {
  const importer = IMPORTERS.find((candidate) => candidate.recognises(file));
  if (!importer) throw new ModelFileError('Not a file of a Gaussian process.');
  try {
    return importer.read(file, context);
  } catch (error) {
    // What the lower layers find wrong with a file is the file's fault, said in their own words.
    if (error instanceof PickleError || error instanceof NumericError) throw fileError(error);
    throw error;
  }
}

/** The same error as a ModelFileError. */
export function fileError({ message }: Error): ModelFileError {
  const sentence = `${message.charAt(0).toUpperCase()}${message.slice(1)}`;
  return new ModelFileError(sentence.endsWith('.') ? sentence : `${sentence}.`);
}
