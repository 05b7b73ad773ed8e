import type { Request, Response } from 'express';
import type { PostedRows } from './predict-request.js';
import { isStreamed } from './rows-reader.js';
import { whenGone } from './when-gone.js';

/** What the BodyMiddleware has made of a POST, for the readers. */
export function postedRows(request: Request, response: Response): PostedRows {
  const body = request.body as unknown;
  return {
    contentType: request.headers['content-type'],
    query: request.query,
    body,
    file: request.file,
    stream: body === undefined && isStreamed(request) ? request : undefined,
    gone: () => whenGone(response),
  };
}
