import { Injectable, type NestMiddleware } from '@nestjs/common';
import express, { type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import multer, { memoryStorage, MulterError } from 'multer';
import { Config } from '../common/config/config.js';
import { InvalidInputError } from '../common/media/issue.js';
import { BodyTooLargeError } from './predict-errors.js';

/** The field of a multipart form that holds the rows: `curl -F "file=@input.csv"`. */
export const FILE_FIELD = 'file';

/** Takes the body as bytes, whatever its type, so that one place decides what it is and says what is wrong with it. */
@Injectable()
export class BodyMiddleware implements NestMiddleware {
  readonly #raw: RequestHandler;
  readonly #multipart: RequestHandler;

  constructor(private readonly config: Config) {
    const limit = config.maxBodyBytes;
    this.#raw = express.raw({ type: () => true, limit });
    this.#multipart = multer({
      storage: memoryStorage(),
      limits: { fileSize: limit, files: 1, fields: 32, fieldSize: 16 * 1024, parts: 40 },
    }).single(FILE_FIELD);
  }

  use(request: Request, response: Response, next: NextFunction): void {
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
      return new BodyTooLargeError(this.config.maxBodyBytes);
    }
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
}
