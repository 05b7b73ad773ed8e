import { validateHeaderValue } from 'node:http';
import { performance } from 'node:perf_hooks';
import { Injectable, Logger } from '@nestjs/common';
import { problemAnswer } from '../errors/problem.js';
import { knownProblem, UNEXPECTED } from '../errors/problem-facts.js';
import { RequestLog } from '../logging/request-log.js';
import type { Answer } from './answer.js';
import type { FastRequest } from './fast-request.js';

/** A route that can be answered without the framework: just as the framework would, only sooner. */
export interface FastRoute {
  readonly method: string;
  /** Of the whole path; its groups are the route's parameters. */
  readonly path: RegExp;
  /** Whether the rest of the request is such that it can be answered here. */
  takes(request: FastRequest): boolean;
  /** Throws what a controller would. `gone` makes the signal that the caller has hung up. */
  answer(
    request: FastRequest,
    parameters: readonly (string | undefined)[],
    gone: () => AbortSignal,
  ): Promise<Answer>;
}

/** A request that a route has taken. */
export interface FastExchange {
  readonly requestId: string;
  /** Never rejects. */
  readonly answer: Promise<Answer>;
  /** To be called when the answer has been sent, or cannot be any more. */
  readonly over: (status: number, sent: boolean) => void;
}

/**
 * The routes of features that are worth a way of their own, past Node's HTTP parser, Express and Nest: for a small
 * request these cost several times what the answer does. Features add their routes; `FastServer` asks here first.
 */
@Injectable()
export class FastPath {
  private readonly logger = new Logger(FastPath.name);
  readonly #routes: FastRoute[] = [];

  constructor(private readonly log: RequestLog) {}

  add(route: FastRoute): void {
    this.#routes.push(route);
  }

  /** Undefined for a request that no route takes. */
  take(request: FastRequest, gone: () => AbortSignal): FastExchange | undefined {
    for (const route of this.#routes) {
      if (route.method !== request.method || !route.takes(request)) continue;
      const match = route.path.exec(request.path);
      if (match !== null) return this.#begin(route, request, match, gone);
    }
    return undefined;
  }

  #begin(
    route: FastRoute,
    request: FastRequest,
    match: RegExpExecArray,
    gone: () => AbortSignal,
  ): FastExchange {
    const start = performance.now();
    const { method, url } = request;
    const requestId = this.log.idFor(request.requestId);
    return {
      requestId,
      answer: this.#answer(route, request, match, gone, requestId),
      over: (status, finished) => {
        // As Node's response before anybody has set its status: who hangs up makes no failure of the server's.
        const statusCode = finished ? status : 200;
        this.log.write({ requestId, method, url, statusCode, start, finished });
      },
    };
  }

  async #answer(
    route: FastRoute,
    request: FastRequest,
    [, ...parameters]: RegExpExecArray,
    gone: () => AbortSignal,
    requestId: string,
  ): Promise<Answer> {
    try {
      const answer = await route.answer(request, parameters, gone);
      // What would end its line, and begin another header, is refused as Node refuses it.
      for (const name in answer.headers) validateHeaderValue(name, answer.headers[name]);
      return answer;
    } catch (error) {
      const known = knownProblem(error, request);
      if (known === undefined && !gone().aborted) this.logger.error(error);
      return problemAnswer(known ?? UNEXPECTED, request.path, requestId);
    }
  }
}
