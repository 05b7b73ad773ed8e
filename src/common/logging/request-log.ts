import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { performance } from 'node:perf_hooks';
import { Injectable } from '@nestjs/common';
import { PinoLogger } from 'nestjs-pino';
import { type DestinationStream, symbols } from 'pino';

const SAFE_ID = /^[\w.:-]{1,128}$/;

/** Of a pino logger: what each of its lines begins with (members of JSON, after a comma), and where it writes them. */
const { chindingsSym: MEMBERS, streamSym: STREAM } = symbols;

/** A request that is over. */
export interface LoggedRequest {
  readonly requestId: string;
  readonly method: string;
  readonly url: string;
  readonly statusCode: number;
  /** When it came, by `performance.now()`. */
  readonly start: number;
  /** Whether the whole answer was sent. */
  readonly finished: boolean;
}

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
    const requestId = this.idFor(typeof given === 'string' ? given : undefined);
    request.id = requestId;
    response.setHeader('X-Request-Id', requestId);

    const { method = '', url = '' } = request;
    if (!url.startsWith('/health')) {
      const start = performance.now();
      response.once('close', () => {
        const { statusCode, writableFinished: finished } = response;
        this.write({ requestId, method, url, statusCode, start, finished });
      });
    }
    next();
  }

  /** The caller's own where it is fit for a log line. */
  idFor(given: string | undefined): string {
    return given !== undefined && SAFE_ID.test(given) ? given : randomUUID();
  }

  write({ requestId, method, url, statusCode, start, finished }: LoggedRequest): void {
    const level = statusCode >= 500 ? 'error' : statusCode >= 400 ? 'warn' : 'info';
    const { logger } = this.logger;
    if (!logger.isLevelEnabled(level)) return;
    const responseTime = Math.round((performance.now() - start) * 1000) / 1000;
    // The line that pino would write of these facts, for half its price: there is one for every request.
    const parts = logger as unknown as Readonly<Record<symbol, unknown>>;
    const stream = parts[STREAM] as DestinationStream;
    stream.write(
      `{"level":${logger.levels.values[level]},"time":${Date.now()}${parts[MEMBERS] as string},"requestId":"${requestId}",` +
        `"method":"${method}","url":${JSON.stringify(url)},"statusCode":${statusCode},` +
        `"responseTime":${responseTime},"msg":"request ${finished ? 'completed' : 'aborted'}"}\n`,
    );
  }
}
