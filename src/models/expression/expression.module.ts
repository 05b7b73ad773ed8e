import { Module, type OnModuleInit } from '@nestjs/common';
import { ModelRegistry } from '../model-registry.js';
import { ModelsModule } from '../models.module.js';
import { ExpressionModelType } from './expression.model-type.js';

@Module({ imports: [ModelsModule], providers: [ExpressionModelType] })
export class ExpressionModule implements OnModuleInit {
  constructor(
    private readonly registry: ModelRegistry,
    private readonly type: ExpressionModelType,
  ) {}

  onModuleInit(): void {
    this.registry.registerType(this.type);
  }
}
