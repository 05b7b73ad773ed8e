import { Module, type OnModuleInit } from '@nestjs/common';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Config } from '../common/config/config.js';
import { ArtifactStore } from './artifact-store.js';
import { FileArtifactStore } from './file-artifact-store.js';
import { S3ArtifactStore } from './s3-artifact-store.js';

/** The files of jobs. Who uses it last, closes it. */
@Module({
  providers: [
    {
      provide: ArtifactStore,
      inject: [Config],
      useFactory: ({ artifacts, dataDir }: Config): ArtifactStore => {
        if (artifacts === undefined) return new FileArtifactStore(join(dataDir, 'artifacts'));
        const url = new URL(artifacts);
        return url.protocol === 's3:' ? new S3ArtifactStore(url) : new FileArtifactStore(fileURLToPath(url));
      },
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
