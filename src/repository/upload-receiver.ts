import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import multer, { diskStorage, MulterError } from 'multer';
import { Config } from '../common/config/config.js';
import { requireClient } from '../common/http/decoded-body.js';
import { InvalidInputError } from '../common/media/issue.js';
import { MANIFEST_FILE } from './model-folder.js';
import { UploadTooLargeError } from './repository-errors.js';
import type { Upload } from './repository.service.js';
import { newUploadPath } from './uploads-folder.js';

const FILE_FIELD = 'file';
const MANIFEST_FIELD = 'manifest';
const MAX_FIELD_BYTES = 1024 * 1024;
/** `.pkl`, `.json.gz`; what else is in a client's file name does not matter. */
const EXTENSION = /((?:\.(?:json|pkl|pickle|joblib))?\.[a-z0-9]{1,12})$/i;
/** Until all of the form has come: a manifest's name may be the model's. */
const RECEIVED = 'received';
const TEXT_FIELDS = ['version', 'alias', MANIFEST_FIELD];

/** Receives a model file into a folder of its own, never into memory. */
@Injectable()
export class UploadReceiver {
  constructor(private readonly config: Config) {}

  /** The folder is then the caller's to remove. Throws InvalidInputError, UploadTooLargeError. */
  async receive(request: Request, response: Response): Promise<Upload> {
    if (!/^multipart\/form-data\b/i.test(request.headers['content-type'] ?? '')) {
      throw formError('(body)', `the media type ${request.headers['content-type'] ?? 'of nothing'}`);
    }
    const folder = await newUploadPath(this.config.modelsDir);
    await mkdir(folder);
    try {
      return await this.#receiveInto(folder, request, response);
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  async #receiveInto(folder: string, request: Request, response: Response): Promise<Upload> {
    // It may have hung up while its folder was made.
    requireClient(request);
    const limit = this.config.maxModelFileBytes;
    const form = multer({
      storage: diskStorage({
        destination: folder,
        filename: (_request, { fieldname }, done) =>
          done(null, fieldname === FILE_FIELD ? RECEIVED : MANIFEST_FILE),
      }),
      limits: { fileSize: limit, files: 2, fields: 16, fieldSize: MAX_FIELD_BYTES, parts: 20 },
    }).fields([
      { name: FILE_FIELD, maxCount: 1 },
      { name: MANIFEST_FIELD, maxCount: 1 },
    ]);
    await new Promise<void>((resolve, reject) => {
      const fail = (error: unknown): void =>
        reject(error instanceof Error ? explain(error, limit) : new Error('The form failed.'));
      const gone = (): void => reject(formError(FILE_FIELD, 'only a part of the form'));
      request.once('aborted', gone);
      try {
        void form(request, response, (error: unknown) => {
          request.off('aborted', gone);
          if (error === undefined) resolve();
          else fail(error);
        });
      } catch (error) {
        fail(error);
      }
    });
    const files = request.files as Readonly<Record<string, Express.Multer.File[] | undefined>>;
    const [file] = files[FILE_FIELD] ?? [];
    const fields = (request.body ?? {}) as Readonly<Record<string, unknown>>;
    const unknown = Object.keys(fields).find((name) => !TEXT_FIELDS.includes(name));
    if (unknown !== undefined) throw formError(unknown, `the field "${unknown}"`);
    if (!file) throw formError(FILE_FIELD, 'no file');
    const twice = TEXT_FIELDS.find((name) => fields[name] !== undefined && typeof fields[name] !== 'string');
    if (twice !== undefined) throw formError(twice, `the field "${twice}" more than once`);
    const { version, alias, [MANIFEST_FIELD]: manifest } = fields;
    let hasManifest = files[MANIFEST_FIELD] !== undefined;
    if (!hasManifest && typeof manifest === 'string') {
      await writeFile(join(folder, MANIFEST_FILE), manifest, { flag: 'wx' });
      hasManifest = true;
    }
    const fileName = modelFileName(file.originalname, hasManifest);
    await rename(join(folder, RECEIVED), join(folder, fileName));
    return {
      folder,
      fileName,
      hasManifest,
      ...(typeof version === 'string' && { version }),
      ...(typeof alias === 'string' && { alias }),
    };
  }
}

function modelFileName(originalName: string, hasManifest: boolean): string {
  const extension = EXTENSION.exec(originalName)?.[1].toLowerCase() ?? '';
  const name = `model${extension}`;
  return hasManifest && name === MANIFEST_FILE ? `model.json${extension}` : name;
}

function explain(error: Error, limit: number): Error {
  if (error instanceof MulterError && error.code === 'LIMIT_FILE_SIZE') return new UploadTooLargeError(limit);
  // What the file system says has a number; what the parser says of the form has none.
  if ((error as NodeJS.ErrnoException).errno !== undefined) return error;
  const field = error instanceof MulterError ? error.field : undefined;
  return formError(field ?? FILE_FIELD, `a form that cannot be read (${error.message})`);
}

function formError(path: string, received: string): InvalidInputError {
  const expected = `a multipart form with the model in the field "${FILE_FIELD}", and, if wanted, ${TEXT_FIELDS.join(', ')}`;
  return new InvalidInputError([
    { path, received, expected, message: `The upload has ${received}: expected ${expected}.` },
  ]);
}
