import { createHash } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { syncFolder } from '../common/files/atomic-file.js';
import { removeLeftovers, temporaryName } from '../common/files/temporary-name.js';
import {
  ArtifactNotFoundError,
  ArtifactsUnavailableError,
  ArtifactTooLargeError,
} from './artifact-errors.js';
import { namesOfKey, splitPrefix } from './artifact-key.js';
import { type ArtifactReference, ArtifactStore } from './artifact-store.js';
import { sourceOf } from './source-of.js';

/** Within the folder: what is being written. No key begins with a dot. */
const WRITING = '.writing';
const NOT_THERE = new Set(['ENOENT', 'ENOTDIR', 'EISDIR']);
const UNAVAILABLE = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'EMFILE', 'ENFILE', 'EACCES', 'EPERM']);

/**
 * Artifacts as the files of a folder, on one machine or on a file system that several share. A file is written beside,
 * flushed, and renamed to its key, so that there is all of it or nothing.
 */
export class FileArtifactStore extends ArtifactStore {
  constructor(private readonly folder: string) {
    super();
  }

  async open(): Promise<void> {
    const writing = join(this.folder, WRITING);
    await mkdir(writing, { recursive: true });
    await removeLeftovers(writing);
  }

  async put(
    key: string,
    content: Readable | Uint8Array,
    options: { readonly mediaType: string; readonly limit?: number; readonly signal?: AbortSignal },
  ): Promise<ArtifactReference> {
    const path = join(this.folder, ...namesOfKey(key));
    const temporary = join(this.folder, WRITING, temporaryName());
    const source = sourceOf(content);
    try {
      const written = await writeFlushed(temporary, source, options);
      await this.#makeFolders(dirname(path));
      await rename(temporary, path);
      await syncFolder(dirname(path));
      return { key, ...written, mediaType: options.mediaType };
    } catch (error) {
      source.destroy();
      await rm(temporary, { force: true });
      throw asUnavailable(error);
    }
  }

  async read(key: string, range: { readonly start?: number; readonly end?: number } = {}): Promise<Readable> {
    const { start = 0, end = Infinity } = range;
    const file = await this.#openToRead(key);
    if (end <= start) {
      await file.close();
      return Readable.from([]);
    }
    return file.createReadStream({ start, end: end - 1 });
  }

  async remove(prefix: string): Promise<void> {
    const { folders, start } = splitPrefix(prefix);
    const folder = join(this.folder, ...folders);
    try {
      if (start === '') await rm(folder, { recursive: true, force: true });
      else {
        const names = await readdir(folder);
        const meant = names.filter((name) => name.startsWith(start));
        await Promise.all(meant.map((name) => rm(join(folder, name), { recursive: true, force: true })));
      }
    } catch (error) {
      if (!NOT_THERE.has(codeOf(error))) throw asUnavailable(error);
    }
  }

  async close(): Promise<void> {
    // Every file is closed by who reads or writes it.
  }

  async #openToRead(key: string): Promise<FileHandle> {
    let file: FileHandle | undefined;
    try {
      file = await open(join(this.folder, ...namesOfKey(key)), 'r');
      if ((await file.stat()).isFile()) return file;
    } catch (error) {
      if (!NOT_THERE.has(codeOf(error))) throw asUnavailable(error);
    }
    await file?.close();
    throw new ArtifactNotFoundError(key);
  }

  /** A new folder lasts when the folder that holds it has been flushed. */
  async #makeFolders(path: string): Promise<void> {
    const first = await mkdir(path, { recursive: true });
    if (first === undefined) return;
    for (let made = path; made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made));
  }
}

async function writeFlushed(
  path: string,
  source: Readable,
  { limit = Infinity, signal }: { readonly limit?: number; readonly signal?: AbortSignal },
): Promise<{ bytes: number; sha256: string }> {
  signal?.throwIfAborted();
  const stop = (): void => void source.destroy(signal?.reason as Error);
  signal?.addEventListener('abort', stop, { once: true });
  const hash = createHash('sha256');
  let bytes = 0;
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'wx');
    for await (const part of source as AsyncIterable<Uint8Array | string>) {
      const piece = typeof part === 'string' ? Buffer.from(part) : part;
      bytes += piece.length;
      if (bytes > limit) throw new ArtifactTooLargeError(limit);
      hash.update(piece);
      await writeWhole(file, piece);
    }
    signal?.throwIfAborted();
    await file.sync();
  } catch (error) {
    // Streams tell some of their ends in words of their own.
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', stop);
    await file?.close();
  }
  return { bytes, sha256: hash.digest('hex') };
}

async function writeWhole(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) done += (await file.write(bytes, done)).bytesWritten;
}

function asUnavailable(error: unknown): unknown {
  return UNAVAILABLE.has(codeOf(error)) ? new ArtifactsUnavailableError(error) : error;
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException | undefined)?.code ?? '';
}
