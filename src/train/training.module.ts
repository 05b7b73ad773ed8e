import { Module } from '@nestjs/common';
import { ModelsModule } from '../models/models.module.js';
import { RepositoryModule } from '../repository/repository.module.js';
import { TrainingService } from './training.service.js';

/** What makes models of data, for the server and for the command line. */
@Module({
  imports: [ModelsModule, RepositoryModule],
  providers: [TrainingService],
  exports: [TrainingService],
})
export class TrainingModule {}
