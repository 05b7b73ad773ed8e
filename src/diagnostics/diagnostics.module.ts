import { type MiddlewareConsumer, Module, type NestModule, RequestMethod } from '@nestjs/common';
import { ModelsModule } from '../models/models.module.js';
import { BodyMiddleware } from '../predict/body.middleware.js';
import { PredictModule } from '../predict/predict.module.js';
import { DIAGNOSTICS_PATHS, DiagnosticsController } from './diagnostics.controller.js';
import { DiagnosticsService } from './diagnostics.service.js';
import { HoldOutService } from './hold-out.service.js';
import { TestSetReader } from './test-set-reader.js';

@Module({
  imports: [ModelsModule, PredictModule],
  controllers: [DiagnosticsController],
  providers: [DiagnosticsService, HoldOutService, TestSetReader],
  exports: [DiagnosticsService],
})
export class DiagnosticsModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    const routes = DIAGNOSTICS_PATHS.map((path) => ({ path, method: RequestMethod.POST }));
    consumer.apply(BodyMiddleware).forRoutes(...routes);
  }
}
