import { Module, type OnModuleInit } from '@nestjs/common';
import { ModelRegistry } from '../model-registry.js';
import { ModelsModule } from '../models.module.js';
import { RemoteAccess } from './remote-access.js';
import { RemoteModelType } from './remote.model-type.js';

@Module({ imports: [ModelsModule], providers: [RemoteAccess, RemoteModelType] })
export class RemoteModule implements OnModuleInit {
  constructor(
    private readonly registry: ModelRegistry,
    private readonly type: RemoteModelType,
  ) {}

  onModuleInit(): void {
    this.registry.registerType(this.type);
  }
}
