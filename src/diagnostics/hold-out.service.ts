import { Injectable } from '@nestjs/common';
import { NOTHING_SHARED } from '../common/pool/task.js';
import { WorkerPool } from '../common/pool/worker-pool.js';
import type { ReadyEntry } from '../models/model-entry.js';
import { identityOf } from '../predict/model-identity.js';
import { PredictService } from '../predict/predict.service.js';
import { warningsFirst } from './describe-diagnostics.js';
import type { DiagnosticsWarning, HoldOut } from './diagnostics.dto.js';
import { scoreTask, type ScoredTestSet, type ScoreInput } from './score.task.js';
import type { TestSet } from './test-set.js';

/** Values that are scored within a few milliseconds. */
const IN_PLACE_VALUES = 5000;

const LATENT: DiagnosticsWarning = {
  code: 'LATENT_VARIANCE',
  severity: 'note',
  message:
    'The noise of this model is known at its training points only: noisy observations are compared with the variance of the noise-free function, which is smaller.',
};

/** Scores of a model, of any type, on data that it has not seen. */
@Injectable()
export class HoldOutService {
  constructor(
    private readonly predictions: PredictService,
    private readonly pool: WorkerPool,
  ) {}

  /** Lists the `listed` largest residuals of each output. Throws as `PredictService.predict`. */
  async score(entry: ReadyEntry, { X, Y }: TestSet, listed: number, signal?: AbortSignal): Promise<HoldOut> {
    // Whatever model.json asks for besides, here it would be thrown away.
    const options = { meanOnly: false, trust: false, domain: 'ignore' } as const;
    const { mean, variance } = await this.predictions.predict(entry, X, options, signal);
    const index = entry.inputs.findIndex(({ kind }) => kind === 'index');
    const { outputs, warnings } = await this.#score(
      {
        data: {
          observed: Y,
          mean,
          ...(variance && { variance }),
          ...(index >= 0 && { index: { name: entry.inputs[index].name, values: X.column(index) } }),
        },
        names: entry.outputs.map(({ name }) => name),
        listed,
      },
      signal,
    );
    const isLatent = variance !== undefined && entry.description.variance === 'latent';
    return {
      model: identityOf(entry),
      rows: X.rows,
      outputs,
      warnings: warningsFirst(isLatent ? [...warnings, LATENT] : warnings),
    };
  }

  async #score(input: ScoreInput, signal?: AbortSignal): Promise<ScoredTestSet> {
    if (input.data.mean.data.length <= IN_PLACE_VALUES) {
      return scoreTask.run(input, NOTHING_SHARED, () => undefined);
    }
    return this.pool.run(scoreTask, input, [], signal);
  }
}
