import { Module } from '@nestjs/common';
import { JobsModule } from '../jobs/jobs.module.js';
import { ModelsModule } from '../models/models.module.js';
import { HealthController } from './health.controller.js';
import { Shutdown } from './shutdown.js';

@Module({ imports: [ModelsModule, JobsModule], controllers: [HealthController], providers: [Shutdown] })
export class HealthModule {}
