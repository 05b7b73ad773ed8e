import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import { Config } from '../common/config/config.js';
import { CsvRowReader } from '../common/media/csv-rows.js';
import { type FileFormat, namedFormat } from '../common/media/detect.js';
import { readPlainJsonRows } from '../common/media/json-rows.js';
import { WorkerPool } from '../common/pool/worker-pool.js';
import { reviveMatrix } from '../models/cloned.js';
import type { Matrix } from '../numeric/linalg/matrix.js';
import { bodyLength, receiveBody } from './receive-body.js';
import { SharedBytes } from './shared-bytes.js';
import { readRows, type ReadRows, readRowsTask } from './read-rows.task.js';

/** Larger bodies take more than a few milliseconds to read, and are read by a worker. */
const IN_PLACE_BYTES: Readonly<Record<FileFormat, number>> = {
  json: 256 * 1024,
  csv: 2 * 1024 * 1024,
  npy: 8 * 1024 * 1024,
  npz: 1024 * 1024,
};

/** JSON as programs write it is read ten times as fast as other JSON. */
const IN_PLACE_PLAIN_JSON = 2 * 1024 * 1024;

/** Whether rows are read while the body arrives: of types that need no look at the whole. */
export function isStreamed({ headers }: IncomingMessage): boolean {
  const format = namedFormat(headers['content-type']);
  return format === 'csv' || format === 'npy';
}

/** Makes rows of request bodies, where that does not hold up other requests. */
@Injectable()
export class RowsReader {
  constructor(
    private readonly pool: WorkerPool,
    private readonly config: Config,
  ) {}

  /**
   * Reads the body of a request that `isStreamed` while it arrives. Of CSV only the numbers are kept, 8 bytes each.
   * Throws as `read`, and the errors of `receiveBody`.
   */
  async readStream(
    request: IncomingMessage,
    inputs: readonly string[],
    gone: () => AbortSignal,
  ): Promise<Matrix> {
    const { maxBodyBytes } = this.config;
    const length = bodyLength(request);
    if (namedFormat(request.headers['content-type']) === 'csv') {
      const reader = new CsvRowReader(inputs, { expectedBytes: length });
      await receiveBody(request, maxBodyBytes, (chunk) => reader.push(chunk));
      return reader.end();
    }
    const body = new SharedBytes(length);
    await receiveBody(request, maxBodyBytes, (chunk) => body.push(chunk));
    return (await this.read('npy', body.whole(), inputs, gone)).X;
  }

  /** `body` must not be used afterwards; `gone` is asked where reading takes long. Throws InvalidInputError, MalformedBodyError, BodyTooLargeError. */
  async read(
    format: FileFormat,
    body: Buffer,
    inputs: readonly string[],
    gone: () => AbortSignal,
  ): Promise<ReadRows> {
    const input = { format, body, inputs, maxBytes: this.config.maxBodyBytes };
    if (body.byteLength <= IN_PLACE_BYTES[format]) return readRows(input);
    if (format === 'json' && body.byteLength <= IN_PLACE_PLAIN_JSON) {
      const rows = readPlainJsonRows(body, inputs);
      if (rows) return rows;
    }
    const whole = body.buffer.byteLength === body.byteLength && body.buffer instanceof ArrayBuffer;
    const read = await this.pool.run(readRowsTask, input, whole ? [body.buffer] : [], gone());
    return { ...read, X: reviveMatrix(read.X) };
  }
}
