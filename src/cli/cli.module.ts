import { type DynamicModule, Module } from '@nestjs/common';
import type { Config } from '../common/config/config.js';
import { ConfigModule } from '../common/config/config.module.js';
import { PoolModule } from '../common/pool/pool.module.js';
import { ComputeModule } from '../compute/compute.module.js';
import { MODEL_TYPES } from '../model-types.js';
import { LoaderModule } from '../repository/loader.module.js';

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
}
