import { Injectable } from '@nestjs/common';
import { Config } from '../../common/config/config.js';
import { NumericError } from '../../numeric/errors.js';
import type { ModelFile } from '../model-file.js';
import type { LoadedModel, ModelType } from '../model-type.js';
import type { Trainer } from '../trainer.js';
import { GpEngine } from './gp-engine.js';
import { GPR, GprModel } from './gpr.model.js';
import { fileError, importGp } from './importers/import-gp.js';
import type { ImportedGp } from './importers/importer.js';
import { IMPORTERS } from './importers/importers.js';
import { GprTrainer } from './training/gpr.trainer.js';

/** Larger files take a worker's time, not that of the requests. */
const IN_PLACE_BYTES = 1024 * 1024;

/** Reads Gaussian processes from every file format that has an importer. */
@Injectable()
export class GprModelType implements ModelType {
  readonly name = GPR;
  readonly trainer: Trainer;

  constructor(
    private readonly config: Config,
    private readonly engine: GpEngine,
  ) {
    this.trainer = new GprTrainer(config, engine);
  }

  recognises(file: ModelFile): boolean {
    return IMPORTERS.some((importer) => importer.recognises(file));
  }

  async load(file: ModelFile): Promise<LoadedModel> {
    const imported = await this.#import(file);
    const { format, checks } = imported;
    try {
      return { model: new GprModel(imported, this.engine), format, ...(checks && { checks }) };
    } catch (error) {
      throw error instanceof NumericError ? fileError(error) : error;
    }
  }

  #import(file: ModelFile): ImportedGp | Promise<ImportedGp> {
    const { maxModelBytes } = this.config;
    if (file.bytes > IN_PLACE_BYTES) return this.engine.import(file, maxModelBytes);
    return importGp(file, { maxModelBytes, linalg: this.engine.linalg });
  }
}
