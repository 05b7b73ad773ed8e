import { type MiddlewareConsumer, Module, type NestModule } from '@nestjs/common';
import { ModelsModule } from '../models/models.module.js';
import { BodyMiddleware } from './body.middleware.js';
import { PredictController } from './predict.controller.js';
import { PredictService } from './predict.service.js';

@Module({
  imports: [ModelsModule],
  controllers: [PredictController],
  providers: [PredictService],
  exports: [PredictService],
})
export class PredictModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(BodyMiddleware).forRoutes(PredictController);
  }
}
