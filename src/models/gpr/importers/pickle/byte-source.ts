import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { PickleError } from './pickle-error.js';

/** Random access to a file's bytes, so that arrays nobody asks for are never read. */
export abstract class ByteSource {
  abstract readonly size: number;

  /**
   * Fills `target` with the bytes from `offset` on.
   * @throws PickleError `truncated` if the source ends before that.
   */
  abstract readInto(target: Uint8Array, offset: number): void;

  /**
   * `length` bytes from `offset` on: a view or a copy, so the caller must not write to it.
   * @throws PickleError `truncated` if the source ends before that.
   */
  read(offset: number, length: number): Buffer {
    this.demand(offset, length);
    const target = Buffer.allocUnsafeSlow(length);
    this.readInto(target, offset);
    return target;
  }

  /** Fails unless the whole range lies inside the source; to be called before anything is allocated for it. */
  protected demand(offset: number, length: number): void {
    if (!(offset >= 0 && length >= 0 && length <= this.size - offset)) {
      throw new PickleError(
        'truncated',
        `the file ends early: ${length} bytes expected, ${Math.max(0, this.size - offset)} left`,
        offset,
      );
    }
  }
}

/** A file that is in memory already. */
export class BufferSource extends ByteSource {
  readonly size: number;
  private readonly bytes: Buffer;

  constructor(bytes: Uint8Array) {
    super();
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.size = bytes.byteLength;
  }

  override read(offset: number, length: number): Buffer {
    this.demand(offset, length);
    return this.bytes.subarray(offset, offset + length);
  }

  override readInto(target: Uint8Array, offset: number): void {
    target.set(this.read(offset, target.byteLength));
  }
}

/** A file on disk, read piece by piece and synchronously: open it, import, close it, preferably in a worker thread. */
export class FileSource extends ByteSource {
  /** One call of the operating system moves at most 2 GiB. */
  private static readonly largestRead = 2 ** 30;
  private closed = false;

  private constructor(
    private readonly descriptor: number,
    readonly size: number,
  ) {
    super();
  }

  /** @throws the operating system's error if the file cannot be opened. */
  static open(path: string): FileSource {
    const descriptor = openSync(path, 'r');
    try {
      return new FileSource(descriptor, fstatSync(descriptor).size);
    } catch (error) {
      closeSync(descriptor);
      throw error;
    }
  }

  override readInto(target: Uint8Array, offset: number): void {
    this.demand(offset, target.byteLength);
    // The system may have given the descriptor's number to another file by now.
    if (this.closed) throw new Error('this file source was closed before its lazy values were read');
    for (let done = 0; done < target.byteLength;) {
      const length = Math.min(target.byteLength - done, FileSource.largestRead);
      const count = readSync(this.descriptor, target, done, length, offset + done);
      if (count === 0)
        throw new PickleError('truncated', 'the file became shorter while it was read', offset + done);
      done += count;
    }
  }

  /** Lazy values of this file cannot be resolved afterwards. */
  close(): void {
    if (!this.closed) closeSync(this.descriptor);
    this.closed = true;
  }
}

/**
 * Passes a limited number of bytes. A hostile file may refer to one large payload from thousands of arrays; this bounds
 * what resolving all of them can cost by a multiple of the file's own size.
 */
export class MeteredSource extends ByteSource {
  readonly size: number;

  constructor(
    private readonly source: ByteSource,
    private allowance: number,
  ) {
    super();
    this.size = source.size;
  }

  override read(offset: number, length: number): Buffer {
    this.spend(offset, length);
    return this.source.read(offset, length);
  }

  override readInto(target: Uint8Array, offset: number): void {
    this.spend(offset, target.byteLength);
    this.source.readInto(target, offset);
  }

  private spend(offset: number, length: number): void {
    this.demand(offset, length);
    this.allowance -= length;
    if (this.allowance < 0) {
      throw new PickleError(
        'limit',
        'the same data is read again and again: several times the size of the file',
        offset,
      );
    }
  }
}
