import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import { resolve, sep } from 'node:path';
import type { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { Config } from '../../common/config/config.js';
import { DomainError } from '../../common/errors/domain-error.js';
import { quote } from '../../common/media/describe.js';

class InputFolderOffError extends DomainError {
  readonly kind = 'forbidden';
  readonly code = 'INPUT_DIR_OFF';

  constructor() {
    super('This server has no folder of input files (INPUT_DIR): send the rows in the body.');
  }
}

/** Also where the file is there, but outside the folder: who asks learns nothing of other files. */
class InputFileNotFoundError extends DomainError {
  readonly kind = 'not-found';
  readonly code = 'INPUT_FILE_NOT_FOUND';

  constructor(readonly file: string) {
    super(`${quote(file)} is no file in the folder of input files (INPUT_DIR).`);
  }

  override get details(): Record<string, unknown> {
    return { file: this.file.slice(0, 200) };
  }
}

export interface InputFile {
  readonly bytes: number;
  /** The name without folders. */
  readonly name: string;
  /** When it last changed, in milliseconds. */
  readonly changed: number;
  /** Reads bytes from `start` to before `end`; the file is closed at the end of the stream. */
  readonly read: (range?: { readonly start?: number; readonly end?: number }) => Promise<Readable>;
}

/** The one folder whose files requests may name. */
@Injectable()
export class InputFolder {
  constructor(private readonly config: Config) {}

  /** `file`: a path below the folder. Throws InputFolderOffError, InputFileNotFoundError. */
  async find(file: string): Promise<InputFile> {
    const path = await this.#locate(file);
    const handle = await this.#open(file, path);
    try {
      const stat = await handle.stat();
      if (!stat.isFile()) throw new InputFileNotFoundError(file);
      return {
        bytes: stat.size,
        name: path.slice(path.lastIndexOf(sep) + 1),
        changed: stat.mtimeMs,
        read: async ({ start = 0, end = Infinity } = {}) =>
          (await this.#open(file, await this.#locate(file))).createReadStream({ start, end: end - 1 }),
      };
    } finally {
      await handle.close();
    }
  }

  /** Where the file really is, links followed. */
  async #locate(file: string): Promise<string> {
    if (this.config.inputDir === undefined) throw new InputFolderOffError();
    try {
      const folder = await realpath(this.config.inputDir);
      const path = await realpath(resolve(folder, file));
      if (path.startsWith(folder + sep)) return path;
    } catch {
      // It is not there, or is no path at all.
    }
    throw new InputFileNotFoundError(file);
  }

  async #open(file: string, path: string): ReturnType<typeof open> {
    try {
      // Neither a link that has come in between, nor a pipe that nobody writes to.
      return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    } catch {
      throw new InputFileNotFoundError(file);
    }
  }
}
