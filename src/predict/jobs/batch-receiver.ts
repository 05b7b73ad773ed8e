import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { callbackify } from 'node:util';
import { Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import multer, { type StorageEngine } from 'multer';
import { ArtifactTooLargeError } from '../../artifacts/artifact-errors.js';
import { type ArtifactReference, ArtifactStore } from '../../artifacts/artifact-store.js';
import { DomainError } from '../../common/errors/domain-error.js';
import { Config } from '../../common/config/config.js';
import { decodedBody, isEncoded, requireClient } from '../../common/http/decoded-body.js';
import { describe } from '../../common/media/describe.js';
import { detectBody, detectFile, type FileFormat } from '../../common/media/detect.js';
import { InvalidInputError } from '../../common/media/issue.js';
import { FILE_FIELD, formError } from '../body.middleware.js';
import { UnsupportedMediaTypeError } from '../predict-errors.js';
import { missingFile } from '../predict-request.js';
import { BINARY } from './predict-job.js';
import { InputTooLargeError } from './read-input.js';

/** A body that names a file of the input folder is not longer. */
const NAMING_BYTES = 64 * 1024;
/** What tells a format. */
const HEAD_BYTES = 1024;

/** What a request for a batch brings. */
export type ReceivedBatch =
  | {
      readonly kind: 'upload';
      readonly format: FileFormat;
      readonly stored: ArtifactReference;
      /** The other fields of its form. */
      readonly fields: Readonly<Record<string, unknown>>;
    }
  | { readonly kind: 'file'; readonly file: string; readonly options: unknown };

/** Receives files of rows into the artifact store, never into memory. */
@Injectable()
export class BatchReceiver {
  constructor(
    private readonly artifacts: ArtifactStore,
    private readonly config: Config,
  ) {}

  /** `key`: of the artifact. Throws InputTooLargeError, UnsupportedMediaTypeError, InvalidInputError, and as `receiveBody`. */
  async receive(request: Request, response: Response, key: string): Promise<ReceivedBatch> {
    try {
      return /^multipart\/form-data\b/i.test(request.headers['content-type'] ?? '')
        ? await this.#form(request, response, key)
        : await this.#body(request, key);
    } catch (error) {
      // Only a client that has sent everything reads the answer.
      request.unpipe();
      request.resume();
      if (!(error instanceof ArtifactTooLargeError)) throw error;
      throw new InputTooLargeError(error.limit, 'send it in several (JOBS_MAX_INPUT_BYTES).');
    }
  }

  async #body(request: Request, key: string): Promise<ReceivedBatch> {
    const naming = await namedFile(request);
    if (naming !== undefined && 'file' in naming) return naming;
    const limit = this.config.jobsMaxInputBytes;
    if (
      !isEncoded(request.headers['content-encoding']) &&
      Number(request.headers['content-length']) > limit
    ) {
      throw new ArtifactTooLargeError(limit);
    }
    const stream = naming?.body ?? decodedBody(request);
    const { head, all } = await peek(stream);
    const format = detectBody(request.headers['content-type'], head);
    if (!format || format === 'form') throw new UnsupportedMediaTypeError(request.headers['content-type'] ?? 'of no type'); // prettier-ignore
    return { kind: 'upload', format, stored: await this.#store(key, all), fields: {} };
  }

  async #form(request: Request, response: Response, key: string): Promise<ReceivedBatch> {
    requireClient(request);
    let received: { format: FileFormat; stored: ArtifactReference } | undefined;
    let taking: Promise<void> | undefined;
    const stop = new AbortController();
    const take = async ({ stream, originalname, mimetype }: Express.Multer.File): Promise<void> => {
      const { head, all } = await peek(stream);
      const format = detectFile(originalname, mimetype, head);
      if (!format) throw new UnsupportedMediaTypeError(`a form whose file is ${mimetype}`);
      received = { format, stored: await this.#store(key, all, stop.signal) };
    };
    const storage: StorageEngine = {
      _handleFile: (_request, file, done: (error: Error | null) => void) =>
        callbackify(() => (taking = take(file)))(done),
      // The caller removes everything under the key.
      _removeFile: (_request, _file, done) => done(null),
    };
    const form = multer({ storage, limits: { files: 1, fields: 32, fieldSize: 16 * 1024, parts: 40 } });
    try {
      await new Promise<void>((resolve, reject) => {
        const fail = (error: Error): void => {
          const explained = explain(error);
          stop.abort(explained);
          reject(explained);
        };
        const gone = (): void => fail(new Error('it ends too early'));
        request.once('aborted', gone);
        void form.single(FILE_FIELD)(request, response, (error: unknown) => {
          request.off('aborted', gone);
          if (error === undefined) resolve();
          else fail(error instanceof Error ? error : new Error('it cannot be read'));
        });
      });
    } finally {
      // The caller removes what is there, and nothing must come after.
      await taking?.catch(() => undefined);
    }
    const fields = (request.body ?? {}) as Readonly<Record<string, unknown>>;
    if (!received) throw missingFile(fields);
    return { kind: 'upload', ...received, fields };
  }

  #store(key: string, stream: Readable, signal?: AbortSignal): Promise<ArtifactReference> {
    const limit = this.config.jobsMaxInputBytes;
    return this.artifacts.put(key, stream, { mediaType: BINARY, limit, ...(signal && { signal }) });
  }
}

/** What the server says itself, and what the file system says, which has a number, is no fault of the form. */
function explain(error: Error): Error {
  const isOurs = error instanceof DomainError || (error as NodeJS.ErrnoException).errno !== undefined;
  return isOurs ? error : formError(error);
}

/** The file that a short body names, or the body itself where it names none; undefined for a body that is not short. */
async function namedFile(
  request: Request,
): Promise<Extract<ReceivedBatch, { kind: 'file' }> | { readonly body: AsyncIterable<Buffer> } | undefined> {
  const { 'content-length': length, 'content-encoding': encoding } = request.headers;
  if (length === undefined || Number(length) > NAMING_BYTES || isEncoded(encoding)) return undefined;
  const body = await buffer(decodedBody(request));
  const document = parseObject(body);
  if (typeof document?.['file'] !== 'string') return { body: Readable.from([body]) };
  const { file, options, ...others } = document;
  const [unknown] = Object.keys(others);
  if (unknown === undefined) return { kind: 'file', file, options };
  const expected = 'only "file" and "options"';
  const message = `${unknown} is unknown beside "file": expected ${expected}.`;
  throw new InvalidInputError([{ path: unknown, received: describe(others[unknown]), expected, message }]);
}

function parseObject(body: Buffer): Readonly<Record<string, unknown>> | undefined {
  if (body[0] !== 0x7b) return undefined;
  try {
    return JSON.parse(body.toString()) as Readonly<Record<string, unknown>>;
  } catch {
    return undefined;
  }
}

/** The first bytes of a stream, and all of it. */
async function peek(chunks: AsyncIterable<Buffer>): Promise<{ head: Buffer; all: Readable }> {
  const rest = chunks[Symbol.asyncIterator]();
  let head: Buffer = Buffer.alloc(0);
  let next = await rest.next();
  for (; !next.done && head.length < HEAD_BYTES; next = await rest.next())
    head = Buffer.concat([head, next.value]);
  async function* all(): AsyncGenerator<Buffer> {
    yield head;
    for (; !next.done; next = await rest.next()) yield next.value;
  }
  return { head: head.subarray(0, HEAD_BYTES), all: Readable.from(all(), { objectMode: false }) };
}
