import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { performance } from 'node:perf_hooks';
import { Injectable } from '@nestjs/common';
import { PinoLogger } from 'nestjs-pino';

const SAFE_ID = /^[\w.:-]{1,128}$/;

/**
 * Gives every request an id, which the answer tells, and logs the request when it is over. It runs before anything
 * else, so that requests which no route takes have both. Headers can hold credentials, and bodies the users' data:
 * neither is logged.
 */
@Injectable()
export class RequestLog {
  constructor(private readonly logger: PinoLogger) {}

  handle(request: IncomingMessage & { id?: unknown }, response: ServerResponse, next: () => void): void {
    const given = request.headers['x-request-id'];
    // The caller's own where it is fit for a log line.
    const id = typeof given === 'string' && SAFE_ID.test(given) ? given : randomUUID();
    request.id = id;
    response.setHeader('X-Request-Id', id);

    const { method, url = '' } = request;
    if (!url.startsWith('/health')) {
      const start = performance.now();
      response.once('close', () => {
        const { statusCode, writableFinished } = response;
        const level = statusCode >= 500 ? 'error' : statusCode >= 400 ? 'warn' : 'info';
        if (!this.logger.logger.isLevelEnabled(level)) return;
        const responseTime = Math.round((performance.now() - start) * 1000) / 1000;
        const facts = { requestId: id, method, url, statusCode, responseTime };
        this.logger[level](facts, writableFinished ? 'request completed' : 'request aborted');
      });
    }
    next();
  }
}
