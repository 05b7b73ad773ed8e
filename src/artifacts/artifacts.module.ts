import { Module, type OnModuleInit } from '@nestjs/common';
import { join } from 'node:path';
import { Config } from '../common/config/config.js';
import { ArtifactStore } from './artifact-store.js';
import { FileArtifactStore } from './file-artifact-store.js';

/** The files of jobs. Who uses it last, closes it. */
@Module({
  providers: [
    {
      provide: ArtifactStore,
      inject: [Config],
      useFactory: ({ dataDir }: Config) => new FileArtifactStore(join(dataDir, 'artifacts')),
    },
  ],
  exports: [ArtifactStore],
})
export class ArtifactsModule implements OnModuleInit {
  constructor(private readonly store: ArtifactStore) {}

  async onModuleInit(): Promise<void> {
    await this.store.open();
  }
}
