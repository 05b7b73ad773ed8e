import { Injectable } from '@nestjs/common';
import type { Answer } from '../common/http/answer.js';
import { negotiate, type ResponseFormat } from '../common/media/negotiate.js';
import type { ReadyEntry } from '../models/model-entry.js';
import { identityOf, modelHeader } from './model-identity.js';
import { NotAcceptableError } from './predict-errors.js';
import {
  type Gone,
  type PostedRows,
  type PredictRequest,
  readBodyRequest,
  readQueryRequest,
} from './predict-request.js';
import { PredictService } from './predict.service.js';
import { PredictionWriter } from './prediction-writer.js';
import { RowsReader } from './rows-reader.js';
import { type Validation, validationOf } from './validation.js';

/** The model a request names in its path, and the type it wants to be answered in. */
export interface PredictTarget {
  readonly accept: string | undefined;
  readonly name?: string | undefined;
  readonly version?: string | undefined;
}

export interface AskedPrediction {
  readonly format: ResponseFormat;
  readonly entry: ReadyEntry;
  readonly asked: PredictRequest;
}

/** Translates between HTTP and the PredictService, bytes to rows and predictions to bytes, whichever way they come. */
@Injectable()
export class PredictExchange {
  constructor(
    private readonly service: PredictService,
    private readonly reader: RowsReader,
    private readonly writer: PredictionWriter,
  ) {}

  async postRows(target: PredictTarget, posted: PostedRows): Promise<Answer> {
    return this.answer(await this.readRows(target, posted), posted.gone);
  }

  /** What a POST asks for, before anything is done about it. */
  async readRows(target: PredictTarget, posted: PostedRows): Promise<AskedPrediction> {
    const format = answerFormat(target);
    const entry = await this.service.find(target.name, target.version);
    return { format, entry, asked: await readBodyRequest(posted, names(entry), this.reader) };
  }

  async getRow(target: PredictTarget, query: Readonly<Record<string, unknown>>, gone: Gone): Promise<Answer> {
    const format = answerFormat(target);
    const entry = await this.service.find(target.name, target.version);
    return this.answer({ format, entry, asked: readQueryRequest(query, names(entry)) }, gone);
  }

  /** What `postRows` would do up to the computation, refusals and all. */
  async validateRows(target: PredictTarget, posted: PostedRows): Promise<Validation> {
    answerFormat(target);
    const entry = await this.service.find(target.name, target.version);
    const { X, options } = await readBodyRequest(posted, names(entry), this.reader);
    return validationOf(X, identityOf(entry), await this.service.validate(entry, X, options));
  }

  async answer({ format, entry, asked }: AskedPrediction, gone: Gone): Promise<Answer> {
    const {
      X,
      options: { squeeze = true, ...options },
    } = asked;
    // One row is over before anybody could be missed.
    const signal = X.rows === 1 && entry.isPrompt ? undefined : gone();
    const prediction = await this.service.predict(entry, X, options, signal);
    const { inputs, outputs } = entry;
    return this.writer.write({ format, prediction, inputs, outputs, squeeze }, modelHeader(entry), signal);
  }
}

function answerFormat({ accept }: PredictTarget): ResponseFormat {
  const format = negotiate(accept);
  if (!format) throw new NotAcceptableError(accept ?? '');
  return format;
}

function names(entry: ReadyEntry): string[] {
  return entry.inputs.map(({ name }) => name);
}
