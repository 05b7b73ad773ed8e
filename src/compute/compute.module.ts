import { Global, Logger, Module } from '@nestjs/common';
import { Config } from '../common/config/config.js';
import { Backend } from './backend.js';

/** What this process computes with, for every type of model that does linear algebra. */
@Global()
@Module({
  providers: [
    {
      provide: Backend,
      inject: [Config],
      useFactory: ({ blas }: Config) => {
        const backend = Backend.create(blas);
        new Logger(Backend.name).log(`Computing with ${backend.description}.`);
        return backend;
      },
    },
  ],
  exports: [Backend],
})
export class ComputeModule {}
