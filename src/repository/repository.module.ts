import { type MiddlewareConsumer, Module, type NestModule, RequestMethod } from '@nestjs/common';
import { json } from 'express';
import { ModelsModule } from '../models/models.module.js';
import { Database } from '../database/database.js';
import { ChangeNotifier, NoChangeNotifier } from './change-notifier.js';
import { DatabaseChangeNotifier } from './database-change-notifier.js';
import { LoaderModule } from './loader.module.js';
import { RepositoryController } from './repository.controller.js';
import { RepositoryService } from './repository.service.js';
import { RepositorySync } from './repository-sync.js';
import { SchemaController } from './schema.controller.js';
import { UploadReceiver } from './upload-receiver.js';

/** The models folder: what lies in it is served, and what changes in it is taken up. */
@Module({
  imports: [ModelsModule, LoaderModule],
  controllers: [RepositoryController, SchemaController],
  providers: [
    {
      provide: ChangeNotifier,
      inject: [Database],
      useFactory: (database: Database | null): ChangeNotifier =>
        database ? new DatabaseChangeNotifier(database) : new NoChangeNotifier(),
    },
    RepositorySync,
    RepositoryService,
    UploadReceiver,
  ],
  exports: [RepositoryService],
})
export class RepositoryModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer
      .apply(json({ limit: '16kb', type: () => true, strict: false }))
      .forRoutes(
        { path: 'models/:name/aliases/:alias', method: RequestMethod.PUT },
        { path: 'models/:name/rollback', method: RequestMethod.POST },
      );
  }
}
