import { type MiddlewareConsumer, Module, type NestModule, type OnModuleInit } from '@nestjs/common';
import { raw } from 'express';
import { Config } from '../common/config/config.js';
import { JobTypes } from '../jobs/job-types.js';
import { JobsModule } from '../jobs/jobs.module.js';
import { ModelsModule } from '../models/models.module.js';
import { RepositoryModule } from '../repository/repository.module.js';
import { OBSERVE_PATH, ObserveController } from './observe.controller.js';
import { ObserveJobType } from './observe.job-type.js';
import { ObserveService } from './observe.service.js';

/** New observations for models that are served. */
@Module({
  imports: [JobsModule, ModelsModule, RepositoryModule],
  controllers: [ObserveController],
  providers: [ObserveService, ObserveJobType],
})
export class ObserveModule implements NestModule, OnModuleInit {
  constructor(
    private readonly config: Config,
    private readonly types: JobTypes,
    private readonly type: ObserveJobType,
  ) {}

  configure(consumer: MiddlewareConsumer): void {
    const limit = this.config.maxBodyBytes;
    consumer.apply(raw({ type: () => true, limit })).forRoutes(OBSERVE_PATH);
  }

  onModuleInit(): void {
    this.types.register(this.type);
  }
}
