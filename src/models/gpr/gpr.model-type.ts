import { Injectable } from '@nestjs/common';
import { Config } from '../../common/config/config.js';
import { NumericError } from '../../numeric/errors.js';
import { ModelFileError } from '../model-errors.js';
import type { ModelFile } from '../model-file.js';
import type { LoadedModel, ModelType } from '../model-type.js';
import { GpEngine } from './gp-engine.js';
import { GPR, GprModel } from './gpr.model.js';
import { IMPORTERS } from './importers/importers.js';
import { PickleError } from './importers/pickle/pickle-error.js';

/** Reads Gaussian processes from every file format that has an importer. */
@Injectable()
export class GprModelType implements ModelType {
  readonly name = GPR;

  constructor(
    private readonly config: Config,
    private readonly engine: GpEngine,
  ) {}

  recognises(file: ModelFile): boolean {
    return IMPORTERS.some((importer) => importer.recognises(file));
  }

  async load(file: ModelFile): Promise<LoadedModel> {
    const importer = IMPORTERS.find((candidate) => candidate.recognises(file));
    if (!importer) throw new ModelFileError('Not a file of a Gaussian process.');
    try {
      const imported = importer.read(file, {
        maxModelBytes: this.config.maxModelBytes,
        linalg: this.engine.linalg,
      });
      const { format, checks } = imported;
      return { model: new GprModel(imported, this.engine), format, ...(checks && { checks }) };
    } catch (error) {
      // What the lower layers find wrong with a file is the file's fault, said in their own words.
      if (error instanceof PickleError || error instanceof NumericError)
        throw new ModelFileError(sentence(error.message));
      throw error;
    }
  }
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith('.') ? '' : '.'}`;
}
