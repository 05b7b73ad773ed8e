import { type DynamicModule, Global, Module } from '@nestjs/common';
import { WORKER_ENTRY, WorkerPool } from './worker-pool.js';

@Global()
@Module({})
export class PoolModule {
  /** `workerEntry`: the script that every worker thread starts with. */
  static with(workerEntry: URL): DynamicModule {
    return {
      module: PoolModule,
      providers: [{ provide: WORKER_ENTRY, useValue: workerEntry }, WorkerPool],
      exports: [WorkerPool],
    };
  }
}
