import { type DynamicModule, Global, Module } from '@nestjs/common';
import type { Config } from '../common/config/config.js';
import { Database } from './database.js';

/**
 * The database that servers share, where there is one: null without DATABASE_URL. The job engine, which uses it
 * last, closes it.
 */
@Global()
@Module({})
export class DatabaseModule {
  static with({ databaseUrl }: Pick<Config, 'databaseUrl'>): DynamicModule {
    const database = databaseUrl === undefined ? null : new Database(databaseUrl);
    return {
      module: DatabaseModule,
      providers: [{ provide: Database, useValue: database }],
      exports: [Database],
    };
  }
}
