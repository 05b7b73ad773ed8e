import { Injectable } from '@nestjs/common';
import { DomainError } from '../../common/errors/domain-error.js';
import type { ReadyEntry } from '../../models/model-entry.js';
import { ModelNotFoundError, ModelVersionNotFoundError } from '../../models/model-errors.js';
import type { ModelIdentity } from '../model-identity.js';
import { PredictService } from '../predict.service.js';

/** The version that a job was made for has been deleted, or its file replaced, before the job was done. */
class ModelVersionGoneError extends DomainError {
  readonly kind = 'conflict';
  readonly code = 'MODEL_VERSION_GONE';

  constructor(readonly model: ModelIdentity) {
    super(
      `The model ${model.name} has no version with the file that this job was made for any more (it was ${model.version}): send the rows again, for a version that is there.`,
    );
  }

  override get details(): Record<string, unknown> {
    const { name, version, sha256 } = this.model;
    return { model: { name, version, sha256 } };
  }
}

/** Finds the very versions that jobs were made for, whatever aliases say by now. */
@Injectable()
export class PinnedModels {
  constructor(private readonly service: PredictService) {}

  /** Throws ModelVersionGoneError, and what loading throws. */
  async find(model: ModelIdentity): Promise<ReadyEntry> {
    try {
      return await this.service.find(model.name, `sha256:${model.sha256}`);
    } catch (error) {
      const isGone = error instanceof ModelNotFoundError || error instanceof ModelVersionNotFoundError;
      throw isGone ? new ModelVersionGoneError(model) : error;
    }
  }
}
