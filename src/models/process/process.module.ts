import { Module, type OnModuleInit } from '@nestjs/common';
import { ModelRegistry } from '../model-registry.js';
import { ModelsModule } from '../models.module.js';
import { ProcessCommands } from './process-commands.js';
import { ProcessModelType } from './process.model-type.js';

@Module({ imports: [ModelsModule], providers: [ProcessCommands, ProcessModelType] })
export class ProcessModule implements OnModuleInit {
  constructor(
    private readonly registry: ModelRegistry,
    private readonly type: ProcessModelType,
  ) {}

  onModuleInit(): void {
    this.registry.registerType(this.type);
  }
}
