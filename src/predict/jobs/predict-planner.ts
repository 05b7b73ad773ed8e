import { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { Config } from '../../common/config/config.js';
import { detectFile } from '../../common/media/detect.js';
import { npyBytes } from '../../common/media/npy.js';
import { artifactPrefix, type JobContext } from '../../jobs/job-type.js';
import type { ReadyEntry } from '../../models/model-entry.js';
import { readOptions } from '../options.js';
import { ResultTooLargeError, UnsupportedMediaTypeError } from '../predict-errors.js';
import { PredictService } from '../predict.service.js';
import { RowsReader } from '../rows-reader.js';
import { InputFolder } from './input-folder.js';
import { planParts } from './plan-parts.js';
import {
  ARTIFACTS,
  BINARY,
  type JobInput,
  type JobPredictOptions,
  type PredictJobRequest,
  type PredictPlan,
} from './predict-job.js';
import { type InputSource, readInput } from './read-input.js';

/** Makes rows of what a job was sent, checks them, and cuts them into parts. */
@Injectable()
export class PredictPlanner {
  constructor(
    private readonly service: PredictService,
    private readonly reader: RowsReader,
    private readonly folder: InputFolder,
    private readonly config: Config,
  ) {}

  /** Throws what a request with the same rows would throw. */
  async plan(
    entry: ReadyEntry,
    { input, options }: PredictJobRequest,
    context: JobContext,
  ): Promise<PredictPlan> {
    const read =
      input.kind === 'rows'
        ? { rows: input.rows, options }
        : await this.#convert(entry, input, options, context);
    const cost = await this.service.cost(entry, read.rows, read.options);
    const { rows } = read;
    if (!this.service.isJoint(entry, read.options)) {
      return {
        ...planParts(rows, entry.inputs.length, cost, this.config.maxResultValues),
        options: read.options,
      };
    }
    const values = rows * cost.valuesPerRow;
    if (values > this.config.maxResultValues)
      throw new ResultTooLargeError(values, this.config.maxResultValues);
    return { rows, rowsPerPart: rows, parts: 1, options: read.options };
  }

  /** Writes the rows of a file as doubles, one row after the other, in which every part finds its own. */
  async #convert(
    entry: ReadyEntry,
    input: Exclude<JobInput, { kind: 'rows' }>,
    asked: JobPredictOptions,
    context: JobContext,
  ): Promise<{ rows: number; options: JobPredictOptions }> {
    const { artifacts, job, signal } = context;
    const source = await this.#source(input, artifactPrefix(job), artifacts);
    const inputs = entry.inputs.map(({ name }) => name);
    const { reader, service } = this;
    let options = asked;
    let rows = 0;
    const wholeBytes = this.config.maxBodyBytes;
    async function* bytes(): AsyncGenerator<Buffer> {
      let checker = await service.checker(entry, options);
      for await (const block of readInput(source, { inputs, reader, wholeBytes, signal })) {
        if (block.options !== undefined) {
          options = Object.assign({}, asked, readOptions({}, block.options));
          checker = await service.checker(entry, options);
        }
        await checker.check(block.X);
        if (block.X.rows > 0) yield npyBytes(block.X.data);
      }
      checker.throwIfAny();
      rows = checker.rows;
    }
    await artifacts.put(artifactPrefix(job) + ARTIFACTS.rows, Readable.from(bytes()), {
      mediaType: BINARY,
      signal,
    });
    context.log(`${rows} rows from ${source.bytes} bytes of ${source.format}.`);
    return { rows, options };
  }

  async #source(
    input: Exclude<JobInput, { kind: 'rows' }>,
    prefix: string,
    artifacts: JobContext['artifacts'],
  ): Promise<InputSource> {
    if (input.kind === 'upload') {
      return { ...input, read: (range) => artifacts.read(prefix + ARTIFACTS.input, range) };
    }
    return this.fileSource(input.file);
  }

  /** A file of the input folder. Throws InputFileNotFoundError, UnsupportedMediaTypeError, ... */
  async fileSource(name: string): Promise<InputSource & { readonly changed: number }> {
    const file = await this.folder.find(name);
    let head = Buffer.alloc(0);
    for await (const chunk of await file.read({ end: 1024 })) head = Buffer.concat([head, chunk as Buffer]);
    const format = detectFile(file.name, undefined, head);
    if (!format) throw new UnsupportedMediaTypeError(`a file of a name that says nothing`);
    return { ...file, format };
  }
}
