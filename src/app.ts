import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppModule } from './app.module.js';
import { explainRefusals } from './common/errors/broken-request.js';
import { FastAdapter } from './common/http/fast-adapter.js';
import { FastPath } from './common/http/fast-path.js';
import type { FastServer } from './common/http/fast-server.js';
import { protect, securityHeaders } from './common/http/security-headers.js';
import { AppLogger } from './common/logging/app-logger.js';
import { RequestLog } from './common/logging/request-log.js';
import { setUpOpenApi } from './common/openapi/openapi.js';
import type { Config } from './common/config/config.js';
import { onlyHealth } from './health/only-health.js';

const WORKER_ENTRY = new URL('./worker.js', import.meta.url);

/**
 * The application, ready to listen: what `main.ts` starts and the end-to-end tests drive.
 * `workerEntry`: the compiled script of the worker threads, where it is not beside this one.
 */
export async function createApp(config: Config, workerEntry = WORKER_ENTRY): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(
    AppModule.with(config, workerEntry),
    new FastAdapter(),
    {
      bufferLogs: true,
      bodyParser: false,
    },
  );
  app.useLogger(app.get(AppLogger));
  const requestLog = app.get(RequestLog);
  app.use(requestLog.handle.bind(requestLog));
  app.use(protect);
  const isWorker = config.role === 'worker';
  if (isWorker) app.use(onlyHealth);
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  app.set('etag', false);
  if (config.corsOrigins.length > 0) {
    app.enableCors({
      origin: config.corsOrigins.includes('*') ? '*' : [...config.corsOrigins],
      exposedHeaders: ['Kriged-Model', 'Kriged-Warning', 'Location', 'Preference-Applied'],
    });
  }
  const server = app.getHttpServer() as FastServer;
  explainRefusals(server);
  // What an answer says of origins depends on who asks.
  if (config.corsOrigins.length === 0 && !isWorker) server.useFastPath(app.get(FastPath), securityHeaders());
  if (!isWorker) setUpOpenApi(app);
  // By exiting, not by the signal once more: the log's last lines are then still written.
  app.enableShutdownHooks([], { useProcessExit: true });
  return app;
}
