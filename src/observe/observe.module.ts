import { type MiddlewareConsumer, Module, type NestModule } from '@nestjs/common';
import { raw } from 'express';
import { Config } from '../common/config/config.js';
import { ModelsModule } from '../models/models.module.js';
import { RepositoryModule } from '../repository/repository.module.js';
import { OBSERVE_PATH, ObserveController } from './observe.controller.js';
import { ObserveService } from './observe.service.js';

/** New observations for models that are served. */
@Module({
  imports: [ModelsModule, RepositoryModule],
  controllers: [ObserveController],
  providers: [ObserveService],
})
export class ObserveModule implements NestModule {
  constructor(private readonly config: Config) {}

  configure(consumer: MiddlewareConsumer): void {
    const limit = this.config.maxBodyBytes;
    consumer.apply(raw({ type: () => true, limit })).forRoutes(OBSERVE_PATH);
  }
}
