import { Injectable } from '@nestjs/common';
import { Config } from '../common/config/config.js';
import type { FileFormat } from '../common/media/detect.js';
import { WorkerPool } from '../common/pool/worker-pool.js';
import { reviveMatrix } from '../models/cloned.js';
import { readRows, type ReadRows, readRowsTask } from './read-rows.task.js';

/** Larger bodies take more than a few milliseconds to read, and are read by a worker. */
const IN_PLACE_BYTES: Readonly<Record<FileFormat, number>> = {
  json: 256 * 1024,
  csv: 1024 * 1024,
  npy: 8 * 1024 * 1024,
  npz: 1024 * 1024,
};

/** Makes rows of request bodies, where that does not hold up other requests. */
@Injectable()
export class RowsReader {
  constructor(
    private readonly pool: WorkerPool,
    private readonly config: Config,
  ) {}

  /** `body` must not be used afterwards. Throws InvalidInputError, MalformedBodyError, BodyTooLargeError. */
  async read(format: FileFormat, body: Buffer, inputs: readonly string[]): Promise<ReadRows> {
    const input = { format, body, inputs, maxBytes: this.config.maxBodyBytes };
    if (body.byteLength <= IN_PLACE_BYTES[format]) return readRows(input);
    const whole = body.buffer.byteLength === body.byteLength && body.buffer instanceof ArrayBuffer;
    const read = await this.pool.run(readRowsTask, input, whole ? [body.buffer] : []);
    return { ...read, X: reviveMatrix(read.X) };
  }
}
