import { createHash } from 'node:crypto';
import { closeSync, createReadStream, openSync, readSync, statSync } from 'node:fs';
import { basename, dirname, extname } from 'node:path';

const HEAD_BYTES = 4096;

/** One file on disk that may hold a model. Only its first bytes are read until a model type loads it. */
export class ModelFile {
  readonly fileName: string;
  /** Lower case, with the dot; empty where there is none. */
  readonly extension: string;
  readonly bytes: number;
  readonly head: Buffer;

  constructor(readonly path: string) {
    this.fileName = basename(path);
    this.extension = extname(path).toLowerCase();
    this.bytes = statSync(path).size;
    const descriptor = openSync(path, 'r');
    try {
      const head = Buffer.alloc(HEAD_BYTES);
      this.head = head.subarray(0, readSync(descriptor, head, 0, HEAD_BYTES, 0));
    } finally {
      closeSync(descriptor);
    }
  }

  /** What the log calls it: `name`, or `name/version` of `<name>/<version>/model.<ext>`. */
  get label(): string {
    const stem = basename(this.path, extname(this.path));
    const version = dirname(this.path);
    return stem === 'model' ? `${basename(dirname(version))}/${basename(version)}` : stem;
  }

  /** SHA-256 of the whole file, in hexadecimal; streamed. */
  async sha256(): Promise<string> {
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(this.path)) hash.update(chunk as Buffer);
    return hash.digest('hex');
  }
}
