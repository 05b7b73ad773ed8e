import { Injectable } from '@nestjs/common';
import { ArtifactStore } from '../artifacts/artifact-store.js';
import type { Json } from '../jobs/job.js';
import type { CreatedJob } from '../jobs/job-engine.js';
import type { JobOptions } from '../jobs/job-options.js';
import { artifactPrefix } from '../jobs/job-type.js';
import { JobsService } from '../jobs/jobs.service.js';
import { readAll, type ReceivedData } from './data-receiver.js';
import { TrainingStore } from './stored-training.js';
import { TRAIN } from './train.job-type.js';
import { settingsFromTexts } from './train-request.js';
import { TrainingService } from './training.service.js';

/** Makes jobs of requests to train. */
@Injectable()
export class TrainService {
  constructor(
    private readonly service: TrainingService,
    private readonly store: TrainingStore,
    private readonly jobs: JobsService,
    private readonly artifacts: ArtifactStore,
  ) {}

  /**
   * Takes the data in by `receive`, which is told the key to store them under, and queues their training. Throws what
   * `receive` and `TrainingService.prepare` throw, ReadOnlyError, BadNameError and IdempotencyKeyReusedError.
   */
  async submit(
    receive: (key: string) => Promise<ReceivedData>,
    texts: Readonly<Record<string, unknown>>,
    options: JobOptions,
  ): Promise<CreatedJob> {
    const id = this.jobs.newId();
    const prefix = artifactPrefix({ id });
    let created: CreatedJob | undefined;
    try {
      const { artifact, format, fields } = await receive(`${prefix}upload`);
      const body = await readAll(await this.artifacts.read(artifact.key));
      const training = await this.service.prepare(format, body, settingsFromTexts({ ...texts, ...fields }));
      this.service.requireWritable(training.target);
      const stored = await this.store.put(`${prefix}data.npz`, training);
      await this.artifacts.remove(artifact.key);
      const { target, settings, data } = stored;
      const identity = { target, settings, ...data, artifact: data.artifact.sha256 };
      created = await this.jobs.submit(TRAIN, stored as unknown as Json, options, {
        id,
        identity: identity as unknown as Json,
      });
      return created;
    } finally {
      // Nothing was made of it, or the same request had made a job before.
      if (created?.job.id !== id) await this.artifacts.remove(prefix);
    }
  }
}
