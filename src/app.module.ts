import { type DynamicModule, Module, type OnApplicationBootstrap } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { Config } from './common/config/config.js';
import { ConfigModule } from './common/config/config.module.js';
import { ProblemFilter } from './common/errors/problem.filter.js';
import { HttpModule } from './common/http/http.module.js';
import { LoggingModule } from './common/logging/logging.module.js';
import { PoolModule } from './common/pool/pool.module.js';
import { ComputeModule } from './compute/compute.module.js';
import { DatabaseModule } from './database/database.module.js';
import { DiagnosticsModule } from './diagnostics/diagnostics.module.js';
import { HealthModule } from './health/health.module.js';
import { JobRetention } from './jobs/job-retention.js';
import { JobRunner } from './jobs/job-runner.js';
import { JobsModule } from './jobs/jobs.module.js';
import { MODEL_TYPES } from './model-types.js';
import { ModelsModule } from './models/models.module.js';
import { RepositoryModule } from './repository/repository.module.js';
import { ObserveModule } from './observe/observe.module.js';
import { PredictModule } from './predict/predict.module.js';
import { TrainModule } from './train/train.module.js';

/** The list of features: adding one is a folder and a line here. */
@Module({})
export class AppModule implements OnApplicationBootstrap {
  constructor(
    private readonly config: Config,
    private readonly runner: JobRunner,
    private readonly retention: JobRetention,
  ) {}

  static with(config: Config, workerEntry: URL): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.with(config),
        LoggingModule,
        HttpModule,
        PoolModule.with(workerEntry),
        ComputeModule,
        DatabaseModule.with(config),
        JobsModule,
        HealthModule,
        ModelsModule,
        ...MODEL_TYPES,
        RepositoryModule,
        PredictModule,
        DiagnosticsModule,
        ObserveModule,
        TrainModule,
      ],
      providers: [{ provide: APP_FILTER, useClass: ProblemFilter }],
    };
  }

  /** The root's hook is called last: jobs run when all that they may use is there. */
  onApplicationBootstrap(): void {
    if (this.config.role === 'api') return;
    this.runner.start();
    this.retention.start();
  }
}
