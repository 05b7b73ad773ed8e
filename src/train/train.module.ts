import { Module } from '@nestjs/common';
import { DiagnosticsModule } from '../diagnostics/diagnostics.module.js';
import { JobTypes } from '../jobs/job-types.js';
import { JobsModule } from '../jobs/jobs.module.js';
import { DataReceiver } from './data-receiver.js';
import { TrainingStore } from './stored-training.js';
import { TrainController } from './train.controller.js';
import { TrainJobType, TrainPartJobType } from './train.job-type.js';
import { TrainService } from './train.service.js';
import { TrainingModule } from './training.module.js';

/** Training over HTTP, and the jobs that do it. */
@Module({
  imports: [JobsModule, DiagnosticsModule, TrainingModule],
  controllers: [TrainController],
  providers: [DataReceiver, TrainService, TrainingStore, TrainJobType, TrainPartJobType],
})
export class TrainModule {
  constructor(types: JobTypes, train: TrainJobType, part: TrainPartJobType) {
    types.register(train);
    types.register(part);
  }
}
