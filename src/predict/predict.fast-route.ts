import { parse as parseQuery } from 'node:querystring';
import { Injectable } from '@nestjs/common';
import { Config } from '../common/config/config.js';
import type { Answer } from '../common/http/answer.js';
import type { FastRoute } from '../common/http/fast-path.js';
import type { FastRequest } from '../common/http/fast-request.js';
import { PredictExchange } from './predict-exchange.js';

/** The addresses of PredictController for a POST, past the framework. What it reads otherwise than whole is left to it. */
@Injectable()
export class PredictFastRoute implements FastRoute {
  readonly method = 'POST';
  readonly path = /^\/(?:models\/([^/]+)\/(?:versions\/([^/]+)\/)?)?predict$/;

  constructor(
    private readonly exchange: PredictExchange,
    private readonly config: Config,
  ) {}

  takes({ contentType = '', body }: FastRequest): boolean {
    return body.length <= this.config.maxBodyBytes && !/^multipart\//i.test(contentType);
  }

  answer(
    { accept, contentType, query, body }: FastRequest,
    [name, version]: readonly (string | undefined)[],
    gone: () => AbortSignal,
  ): Promise<Answer> {
    const posted = { contentType, query: query === '' ? NO_QUERY : parseQuery(query), body, gone };
    return this.exchange.postRows({ accept, name, version }, posted);
  }
}

const NO_QUERY = {};
