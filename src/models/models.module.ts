import { Module } from '@nestjs/common';
import { ModelCache } from './model-cache.js';
import { ModelRegistry } from './model-registry.js';
import { ModelsController } from './models.controller.js';

@Module({
  controllers: [ModelsController],
  providers: [ModelRegistry, ModelCache],
  exports: [ModelRegistry, ModelCache],
})
export class ModelsModule {}
