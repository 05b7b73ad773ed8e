import { Module } from '@nestjs/common';
import { LoggerModule } from 'nestjs-pino';
import { destination, pino } from 'pino';
import { Config } from '../config/config.js';
import { AppLogger } from './app-logger.js';
import { RequestLog } from './request-log.js';

/** Lines are gathered and written together: one system call a line would cost more than many a prediction. */
const BUFFER = { minLength: 8192, periodicFlush: 200, sync: false };

/** JSON lines on standard output: those of the application, and one a request, with its id. */
@Module({
  imports: [
    LoggerModule.forRootAsync({
      inject: [Config],
      useFactory: (config: Config) => ({
        pinoHttp: { logger: pino({ level: config.logLevel }, destination(BUFFER)) },
        // RequestLog does what pino-http would do for every route, at a fraction of its cost.
        forRoutes: [],
      }),
    }),
  ],
  providers: [AppLogger, RequestLog],
  exports: [AppLogger, RequestLog],
})
export class LoggingModule {}
