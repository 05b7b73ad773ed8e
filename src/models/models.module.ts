import { Module } from '@nestjs/common';
import { ModelLoader } from './model-loader.js';
import { ModelRegistry } from './model-registry.js';
import { ModelsController } from './models.controller.js';

@Module({
  controllers: [ModelsController],
  providers: [ModelRegistry, ModelLoader],
  exports: [ModelRegistry],
})
export class ModelsModule {}
