import { Injectable, type NestMiddleware } from '@nestjs/common';
import express, { type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import multer, { memoryStorage, MulterError } from 'multer';
import { Config } from '../common/config/config.js';
import { namedFormat } from '../common/media/detect.js';
import { InvalidInputError } from '../common/media/issue.js';
import { BodyTooLargeError } from './predict-errors.js';
import { bodyLength, receiveBody } from './receive-body.js';
import { isStreamed } from './rows-reader.js';
import { SharedBytes } from './shared-bytes.js';

/** Most requests are one row: a body of so few bytes, sent as it is, needs none of what the general reader does. */
const SMALL_BYTES = 64 * 1024;

/** The field of a multipart form that holds the rows: `curl -F "file=@input.csv"`. */
export const FILE_FIELD = 'file';

/**
 * Takes the body as bytes, whatever its type, so that one place decides what it is and says what is wrong with it. Long
 * bodies whose rows are read while they arrive are left alone.
 */
@Injectable()
export class BodyMiddleware implements NestMiddleware {
  readonly #limit: number;
  readonly #raw: RequestHandler;
  readonly #multipart: RequestHandler;

  constructor(config: Config) {
    const limit = config.maxBodyBytes;
    this.#limit = limit;
    this.#raw = express.raw({ type: () => true, limit });
    this.#multipart = multer({
      storage: memoryStorage(),
      limits: { fileSize: limit, files: 1, fields: 32, fieldSize: 16 * 1024, parts: 40 },
    }).single(FILE_FIELD);
  }

  use(request: Request, response: Response, next: NextFunction): void {
    if (this.#limit >= SMALL_BYTES && isSmallAndPlain(request)) {
      readSmall(request, next);
      return;
    }
    if (isStreamed(request)) {
      next();
      return;
    }
    if (namedFormat(request.headers['content-type']) === 'json') {
      void readShared(request, this.#limit, next);
      return;
    }
    if (!/^multipart\/form-data\b/i.test(request.headers['content-type'] ?? '')) {
      this.#raw(request, response, next);
      return;
    }
    this.#multipart(request, response, (error: unknown) => {
      if (error === undefined) next();
      else next(error instanceof Error ? this.#formError(error) : error);
    });
  }

  #formError(error: Error): Error {
    if (error instanceof MulterError && error.code === 'LIMIT_FILE_SIZE') {
      return new BodyTooLargeError(this.#limit);
    }
    return formError(error);
  }
}

/** What a client is told whose form Multer, or the parser below it, does not take. */
export function formError(error: Error): InvalidInputError {
  // Multer and the parser below it report what the client sent wrong as plain errors.
  const received =
    error instanceof MulterError && error.field !== undefined ? `the field "${error.field}"` : 'a form';
  return new InvalidInputError([
    {
      path: FILE_FIELD,
      received,
      expected: `a multipart form with one file in the field "${FILE_FIELD}"`,
      message: `The multipart form cannot be read (${error.message}): expected one file in the field "${FILE_FIELD}".`,
    },
  ]);
}

function isSmallAndPlain({ headers }: Request): boolean {
  const length = headers['content-length'];
  return (
    length !== undefined &&
    Number(length) <= SMALL_BYTES &&
    headers['content-encoding'] === undefined &&
    !headers['content-type']?.toLowerCase().startsWith('multipart/')
  );
}

/** Piece by piece into memory that workers see: joined at its end, a large body would hold up other requests. */
async function readShared(request: Request, limit: number, next: NextFunction): Promise<void> {
  const body = new SharedBytes(bodyLength(request));
  try {
    await receiveBody(request, limit, (chunk) => body.push(chunk));
  } catch (error) {
    next(error);
    return;
  }
  request.body = body.whole();
  next();
}

/** Node's parser holds the body to its Content-Length. A client that hangs up gets no answer. */
function readSmall(request: Request, next: NextFunction): void {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.once('end', () => {
    request.body = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
    next();
  });
}
