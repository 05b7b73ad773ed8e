import { Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { ArtifactStore } from '../../artifacts/artifact-store.js';
import type { Answer } from '../../common/http/answer.js';
import type { StreamedAnswer } from '../../common/http/send-stream.js';
import { artifactPrefix } from '../../jobs/job-type.js';
import { JobsService } from '../../jobs/jobs.service.js';
import { readOptions } from '../options.js';
import type { PredictTarget } from '../predict-exchange.js';
import { requireOptionNames } from '../predict-request.js';
import { PredictService } from '../predict.service.js';
import { whenGone } from '../when-gone.js';
import { AsyncPredictions, type NewPrediction, withoutJobOptions } from './async-predictions.js';
import { BatchReceiver, type ReceivedBatch } from './batch-receiver.js';
import { ARTIFACTS } from './predict-job.js';
import { PredictPlanner } from './predict-planner.js';

/** Makes jobs of files that are too large for memory. */
@Injectable()
export class BatchesService {
  constructor(
    private readonly predictions: AsyncPredictions,
    private readonly receiver: BatchReceiver,
    private readonly planner: PredictPlanner,
    private readonly service: PredictService,
    private readonly jobs: JobsService,
    private readonly artifacts: ArtifactStore,
  ) {}

  /** The rows are looked at by the job. Throws what is wrong with the rest of the request, and then leaves nothing behind. */
  async post(target: PredictTarget, request: Request, response: Response): Promise<Answer | StreamedAnswer> {
    const options = this.jobs.options(request);
    const query = withoutJobOptions(request.query);
    requireOptionNames(query);
    readOptions(query, undefined);
    const entry = await this.service.find(target.name, target.version);
    const id = this.jobs.newId();
    let made: NewPrediction;
    try {
      const received = await this.receiver.receive(
        request,
        response,
        artifactPrefix({ id }) + ARTIFACTS.input,
      );
      const asked = readAsked(query, received);
      // Refuses what the model does not support.
      await this.service.checker(entry, asked);
      made = { id, target, entry, options: asked, ...(await this.#input(received)) };
    } catch (error) {
      await this.artifacts.remove(artifactPrefix({ id }));
      throw error;
    }
    return this.predictions.submit(made, options, () => whenGone(response));
  }

  async #input(received: ReceivedBatch): Promise<Pick<NewPrediction, 'input' | 'rowsIdentity'>> {
    if (received.kind === 'upload') {
      const { format, stored } = received;
      return {
        input: { kind: 'upload', format, bytes: stored.bytes },
        rowsIdentity: [format, stored.sha256],
      };
    }
    const { file } = received;
    const { bytes, changed } = await this.planner.fileSource(file);
    return { input: { kind: 'file', file }, rowsIdentity: [file, bytes, changed] };
  }
}

function readAsked(
  query: Readonly<Record<string, unknown>>,
  received: ReceivedBatch,
): NewPrediction['options'] {
  if (received.kind === 'file') return readOptions(query, received.options);
  const parameters = { ...query, ...received.fields };
  requireOptionNames(parameters);
  return readOptions(parameters, undefined);
}
