import { type MiddlewareConsumer, Module, type NestModule } from '@nestjs/common';
import { FastPath } from '../common/http/fast-path.js';
import { JobTypes } from '../jobs/job-types.js';
import { JobsModule } from '../jobs/jobs.module.js';
import { ModelsModule } from '../models/models.module.js';
import { BodyMiddleware } from './body.middleware.js';
import { AsyncPredictions } from './jobs/async-predictions.js';
import { BatchController } from './jobs/batch.controller.js';
import { BatchReceiver } from './jobs/batch-receiver.js';
import { BatchesService } from './jobs/batches.service.js';
import { InputFolder } from './jobs/input-folder.js';
import { PartPredictor } from './jobs/part-predictor.js';
import { PinnedModels } from './jobs/pinned-models.js';
import { PredictJobType } from './jobs/predict.job-type.js';
import { PredictPartJobType } from './jobs/predict-part.job-type.js';
import { PredictPlanner } from './jobs/predict-planner.js';
import { ResultWriter } from './jobs/result-writer.js';
import { PREDICT_PATHS, PredictController } from './predict.controller.js';
import { PredictExchange } from './predict-exchange.js';
import { PredictFastRoute } from './predict.fast-route.js';
import { PredictService } from './predict.service.js';
import { PredictionWriter } from './prediction-writer.js';
import { RowsReader } from './rows-reader.js';
import { VALIDATE_PATHS, ValidateController } from './validate.controller.js';

@Module({
  imports: [ModelsModule, JobsModule],
  controllers: [PredictController, ValidateController, BatchController],
  providers: [
    PredictExchange,
    PredictFastRoute,
    PredictService,
    PredictionWriter,
    RowsReader,
    AsyncPredictions,
    BatchesService,
    BatchReceiver,
    InputFolder,
    PinnedModels,
    PartPredictor,
    PredictPlanner,
    ResultWriter,
    PredictJobType,
    PredictPartJobType,
  ],
  exports: [PredictService, RowsReader],
})
export class PredictModule implements NestModule {
  constructor(
    fastPath: FastPath,
    route: PredictFastRoute,
    jobTypes: JobTypes,
    predict: PredictJobType,
    part: PredictPartJobType,
  ) {
    fastPath.add(route);
    jobTypes.register(predict);
    jobTypes.register(part);
  }

  configure(consumer: MiddlewareConsumer): void {
    // By path: by controller it would run once for each route that matches, and a form can be read only once.
    consumer.apply(BodyMiddleware).forRoutes(...PREDICT_PATHS, ...VALIDATE_PATHS);
  }
}
