import { Injectable } from '@nestjs/common';
import { Config } from '../common/config/config.js';
import { detectBody, detectFile, type FileFormat } from '../common/media/detect.js';
import { WorkerPool } from '../common/pool/worker-pool.js';
import { reviveMatrices } from '../models/cloned.js';
import { UnsupportedMediaTypeError } from '../predict/predict-errors.js';
import { missingFile, type PostedRows } from '../predict/predict-request.js';
import { RowsReader } from '../predict/rows-reader.js';
import { readTestSet, readTestSetTask, splitColumns, type TestSet } from './test-set.js';

/** Larger bodies are read by a worker. */
const IN_PLACE_BYTES = 256 * 1024;

/** Makes test sets of request bodies, where that does not hold up other requests. */
@Injectable()
export class TestSetReader {
  constructor(
    private readonly pool: WorkerPool,
    private readonly config: Config,
    private readonly rows: RowsReader,
  ) {}

  /** For a model with the named inputs and outputs. Throws as `readTestSet`, and UnsupportedMediaTypeError. */
  async read(posted: PostedRows, inputs: readonly string[], outputs: readonly string[]): Promise<TestSet> {
    if (posted.stream !== undefined) {
      const table = await this.rows.readStream(posted.stream, [...inputs, ...outputs], posted.gone);
      return splitColumns(table, inputs.length);
    }
    const { format, body } = locate(posted);
    const input = { format, body, inputs, outputs, maxBytes: this.config.maxBodyBytes };
    if (body.byteLength <= IN_PLACE_BYTES) return readTestSet(input);
    return reviveMatrices(await this.pool.run(readTestSetTask, input, [], posted.gone()));
  }
}

function locate({ contentType, body: posted, file }: PostedRows): { format: FileFormat; body: Buffer } {
  if (contentType !== undefined && /^multipart\/form-data\b/i.test(contentType)) {
    if (!file) throw missingFile(posted as Readonly<Record<string, unknown>> | undefined);
    const format = detectFile(file.originalname, file.mimetype, file.buffer.subarray(0, 1024));
    if (!format) throw new UnsupportedMediaTypeError(`a form whose file is ${file.mimetype}`);
    return { format, body: file.buffer };
  }
  const body = Buffer.isBuffer(posted) ? posted : Buffer.alloc(0);
  const format = detectBody(contentType, body);
  if (format === undefined || format === 'form')
    throw new UnsupportedMediaTypeError(contentType ?? 'of no type');
  return { format, body };
}
