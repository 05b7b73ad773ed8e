import type { IncomingMessage } from 'node:http';
import { PassThrough, Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import multer, { MulterError, type StorageEngine } from 'multer';
import { type ArtifactReference, ArtifactStore } from '../artifacts/artifact-store.js';
import { Config } from '../common/config/config.js';
import { decodedBody, requireClient } from '../common/http/decoded-body.js';
import { InvalidInputError } from '../common/media/issue.js';
import { bodyFormat, type DataFormat, fileFormat } from './data/data-format.js';
import { DataFormatError } from './train-errors.js';

/** The field of a multipart form that holds the data. */
const FILE_FIELD = 'file';

const OCTETS = 'application/octet-stream';
const HEAD_BYTES = 1024;
const MAX_FIELD_BYTES = 1024 * 1024;

/** Training data that have come whole, as they came. */
export interface ReceivedData {
  readonly artifact: ArtifactReference;
  readonly format: DataFormat;
  /** The texts of a form's other fields. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Receives training data into the artifact store, never into memory. */
@Injectable()
export class DataReceiver {
  constructor(
    private readonly config: Config,
    private readonly artifacts: ArtifactStore,
  ) {}

  /** Throws InvalidInputError, DataFormatError, ArtifactTooLargeError. */
  async receive(request: Request, response: Response, key: string): Promise<ReceivedData> {
    if (/^multipart\/form-data\b/i.test(request.headers['content-type'] ?? '')) {
      return this.#receiveForm(request, response, key);
    }
    const type = request.headers['content-type'];
    try {
      const artifact = await this.#store(key, Readable.from(decodedBody(request)));
      const format = bodyFormat(type, await this.#head(artifact));
      if (format === undefined) throw new DataFormatError(type);
      return { artifact, format, fields: {} };
    } finally {
      // Only a client that has sent everything reads the answer.
      request.resume();
    }
  }

  async #receiveForm(request: Request, response: Response, key: string): Promise<ReceivedData> {
    requireClient(request);
    const storage = new ArtifactStorage((content) => this.#store(key, content));
    const form = multer({
      storage,
      limits: { files: 1, fields: 40, fieldSize: MAX_FIELD_BYTES, parts: 50 },
    }).single(FILE_FIELD);
    try {
      await receiveForm(form, request, response);
    } finally {
      // The caller removes what is there, and nothing must come after.
      await storage.stored;
    }
    const file = request.file as (Express.Multer.File & { artifact: ArtifactReference }) | undefined;
    if (!file) throw formError(FILE_FIELD, 'no file');
    const fields = (request.body ?? {}) as Readonly<Record<string, unknown>>;
    const twice = Object.keys(fields).find((name) => typeof fields[name] !== 'string');
    if (twice !== undefined) throw formError(twice, `the field "${twice}" more than once`);
    const format = fileFormat(file.originalname, file.mimetype, await this.#head(file.artifact));
    if (format === undefined) throw new DataFormatError(undefined);
    return { artifact: file.artifact, format, fields };
  }

  #store(key: string, content: Readable): Promise<ArtifactReference> {
    return this.artifacts.put(key, content, { mediaType: OCTETS, limit: this.config.maxBodyBytes });
  }

  async #head({ key, bytes }: ArtifactReference): Promise<Buffer> {
    const end = Math.min(bytes, HEAD_BYTES);
    return end === 0 ? Buffer.alloc(0) : readAll(await this.artifacts.read(key, { end }));
  }
}

export async function readAll(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

type Done = Parameters<StorageEngine['_handleFile']>[2];

/** Where multer puts the file of a form. */
class ArtifactStorage implements StorageEngine {
  /** Resolves when nothing is written any more. */
  stored: Promise<void> | undefined;

  constructor(private readonly store: (content: Readable) => Promise<ArtifactReference>) {}

  _handleFile(_request: IncomingMessage, file: Express.Multer.File, done: Done): void {
    this.stored = this.#store(file, done);
  }

  async #store({ stream }: Express.Multer.File, done: Done): Promise<void> {
    const content = stream.pipe(new PassThrough());
    stream.once('error', (error) => content.destroy(error));
    let artifact: ArtifactReference;
    try {
      artifact = await this.store(content);
    } catch (error) {
      stream.resume();
      done(error);
      return;
    }
    done(null, { artifact } as Partial<Express.Multer.File>);
  }

  /** What a broken request leaves behind goes with all of its job's files. */
  _removeFile(
    _request: IncomingMessage,
    _file: Express.Multer.File,
    done: (error: Error | null) => void,
  ): void {
    done(null);
  }
}

function receiveForm(
  form: ReturnType<ReturnType<typeof multer>['single']>,
  request: Request,
  response: Response,
): Promise<void> {
  return new Promise((resolve, reject) => {
    request.once('aborted', () => reject(formError(FILE_FIELD, 'only a part of the form')));
    void form(request, response, (error: unknown) => {
      if (error === undefined) resolve();
      else reject(explain(error));
    });
  });
}

/** Multer and the parser below it report what the client sent wrong as plain errors; the store's have a code of theirs. */
function explain(error: unknown): Error {
  if (!(error instanceof Error)) return new Error('The form failed.');
  if (error instanceof MulterError) {
    return formError(error.field ?? FILE_FIELD, `a form that cannot be read (${error.message})`);
  }
  const { code, errno } = error as NodeJS.ErrnoException;
  return code !== undefined || errno !== undefined
    ? error
    : formError(FILE_FIELD, `a form that cannot be read (${error.message})`);
}

function formError(path: string, received: string): InvalidInputError {
  const expected = `a multipart form with the data in the field "${FILE_FIELD}", and settings in others`;
  return new InvalidInputError([
    { path, received, expected, message: `The form has ${received}: expected ${expected}.` },
  ]);
}
