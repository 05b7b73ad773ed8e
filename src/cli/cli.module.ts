import { type DynamicModule, Module } from '@nestjs/common';
import type { Config } from '../common/config/config.js';
import { ConfigModule } from '../common/config/config.module.js';
import { PoolModule } from '../common/pool/pool.module.js';
import { ComputeModule } from '../compute/compute.module.js';
import { DatabaseModule } from '../database/database.module.js';
import { DiagnosticsService } from '../diagnostics/diagnostics.service.js';
import { MODEL_TYPES } from '../model-types.js';
import { LoaderModule } from '../repository/loader.module.js';
import { TrainingModule } from '../train/training.module.js';

/** What it takes to open model files, without a server or a models folder. */
@Module({})
export class CliModule {
  static with(config: Config, workerEntry: URL): DynamicModule {
    return {
      module: CliModule,
      imports: [
        ConfigModule.with(config),
        PoolModule.with(workerEntry),
        ComputeModule,
        ...MODEL_TYPES,
        LoaderModule,
      ],
    };
  }

  /**
   * The same, and what it takes to train: also the models folder. Servers that share a database hear nothing from here,
   * and find a new version by looking through the folder.
   */
  static withTraining(config: Config, workerEntry: URL): DynamicModule {
    const { imports = [], ...rest } = CliModule.with(config, workerEntry);
    return {
      ...rest,
      imports: [...imports, DatabaseModule.with({ databaseUrl: undefined }), TrainingModule],
      providers: [DiagnosticsService],
    };
  }
}
