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
import { JobEngine } from './job-engine.js';
import { JobRetention } from './job-retention.js';
import { JobRunner } from './job-runner.js';
import { JobTypes } from './job-types.js';

/** Where jobs are kept, and what runs them. Features register their job types; AppModule starts the runner. */
@Module({
  imports: [ArtifactsModule],
  providers: [
    { provide: JobEngine, inject: [Config, Database], useFactory: createJobEngine },
    JobTypes,
    JobRunner,
    JobRetention,
  ],
  exports: [ArtifactsModule, JobEngine, JobTypes, JobRunner, JobRetention],
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
