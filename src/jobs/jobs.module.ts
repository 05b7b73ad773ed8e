import {
  type BeforeApplicationShutdown,
  Module,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { ArtifactStore } from '../artifacts/artifact-store.js';
import { ArtifactsModule } from '../artifacts/artifacts.module.js';
import { Config } from '../common/config/config.js';
import { Database } from '../database/database.js';
import { createJobEngine } from './create-job-engine.js';
import { JobChanges } from './job-changes.js';
import { JobEngine } from './job-engine.js';
import { JobEvents } from './job-events.js';
import { JobRetention } from './job-retention.js';
import { JobRunner } from './job-runner.js';
import { JobTypes } from './job-types.js';
import { JobsController } from './jobs.controller.js';
import { JobsService } from './jobs.service.js';
import { WebhookAccess } from './webhook/webhook-access.js';
import { WebhookJobType } from './webhook/webhook.job-type.js';
import { WebhookOutbox } from './webhook/webhook-outbox.js';

/**
 * Where jobs are kept, what runs them, and what clients see of them. Features register their job types; AppModule starts
 * the runner.
 */
@Module({
  imports: [ArtifactsModule],
  controllers: [JobsController],
  providers: [
    { provide: JobEngine, inject: [Config, Database], useFactory: createJobEngine },
    JobTypes,
    JobRunner,
    JobRetention,
    JobChanges,
    JobEvents,
    JobsService,
    WebhookAccess,
    WebhookJobType,
    WebhookOutbox,
  ],
  exports: [ArtifactsModule, JobEngine, JobTypes, JobRunner, JobRetention, JobsService],
})
export class JobsModule implements OnModuleInit, BeforeApplicationShutdown, OnApplicationShutdown {
  constructor(
    private readonly engine: JobEngine,
    private readonly artifacts: ArtifactStore,
    private readonly runner: JobRunner,
    private readonly retention: JobRetention,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.engine.open();
  }

  /** Other features stop meanwhile. */
  beforeApplicationShutdown(): void {
    void this.runner.stop();
  }

  /** Jobs first, then what they use. */
  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.runner.stop(), this.retention.stop()]);
    await this.engine.close();
    await this.artifacts.close();
  }
}
