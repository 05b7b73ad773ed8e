import { Module } from '@nestjs/common';
import { ModelsModule } from '../models/models.module.js';
import { HealthController } from './health.controller.js';
import { Shutdown } from './shutdown.js';

@Module({ imports: [ModelsModule], controllers: [HealthController], providers: [Shutdown] })
export class HealthModule {}
