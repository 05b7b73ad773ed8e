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
  static with({ databaseUrl }: Config): DynamicModule {
    return databaseUrl === undefined ? this.without() : this.providing(new Database(databaseUrl));
  }

  static without(): DynamicModule {
    return this.providing(null);
  }

  private static providing(database: Database | null): DynamicModule {
    return {
      module: DatabaseModule,
      providers: [{ provide: Database, useValue: database }],
      exports: [Database],
    };
  }
}
