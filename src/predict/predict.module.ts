import { type MiddlewareConsumer, Module, type NestModule } from '@nestjs/common';
import { FastPath } from '../common/http/fast-path.js';
import { ModelsModule } from '../models/models.module.js';
import { BodyMiddleware } from './body.middleware.js';
import { PREDICT_PATHS, PredictController } from './predict.controller.js';
import { PredictExchange } from './predict-exchange.js';
import { PredictFastRoute } from './predict.fast-route.js';
import { PredictService } from './predict.service.js';
import { PredictionWriter } from './prediction-writer.js';
import { RowsReader } from './rows-reader.js';
import { VALIDATE_PATHS, ValidateController } from './validate.controller.js';

@Module({
  imports: [ModelsModule],
  controllers: [PredictController, ValidateController],
  providers: [PredictExchange, PredictFastRoute, PredictService, PredictionWriter, RowsReader],
  exports: [PredictService, RowsReader],
})
export class PredictModule implements NestModule {
  constructor(fastPath: FastPath, route: PredictFastRoute) {
    fastPath.add(route);
  }

  configure(consumer: MiddlewareConsumer): void {
    // By path: by controller it would run once for each route that matches, and a form can be read only once.
    consumer.apply(BodyMiddleware).forRoutes(...PREDICT_PATHS, ...VALIDATE_PATHS);
  }
}
