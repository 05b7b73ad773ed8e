import { Module, type OnModuleInit } from '@nestjs/common';
import { ModelRegistry } from '../model-registry.js';
import { ModelsModule } from '../models.module.js';
import { GpEngine } from './gp-engine.js';
import { GprModelType } from './gpr.model-type.js';

@Module({ imports: [ModelsModule], providers: [GpEngine, GprModelType] })
export class GprModule implements OnModuleInit {
  constructor(
    private readonly registry: ModelRegistry,
    private readonly type: GprModelType,
  ) {}

  onModuleInit(): void {
    this.registry.registerType(this.type);
  }
}
