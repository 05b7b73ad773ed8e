import { Module, type OnModuleInit } from '@nestjs/common';
import { ModelRegistry } from '../model-registry.js';
import { ModelsModule } from '../models.module.js';
import { OnnxModelType } from './onnx.model-type.js';

@Module({ imports: [ModelsModule], providers: [OnnxModelType] })
export class OnnxModule implements OnModuleInit {
  constructor(
    private readonly registry: ModelRegistry,
    private readonly type: OnnxModelType,
  ) {}

  onModuleInit(): void {
    this.registry.registerType(this.type);
  }
}
