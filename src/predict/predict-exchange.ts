import { Injectable } from '@nestjs/common';
import type { Answer } from '../common/http/answer.js';
import { negotiate, type ResponseFormat } from '../common/media/negotiate.js';
import type { Model } from '../models/model.js';
import { NotAcceptableError } from './predict-errors.js';
import {
  type PostedRows,
  type PredictRequest,
  readBodyRequest,
  readQueryRequest,
} from './predict-request.js';
import { PredictService } from './predict.service.js';
import { PredictionWriter } from './prediction-writer.js';
import { RowsReader } from './rows-reader.js';

/** The model a request names in its path, and the type it wants to be answered in. */
export interface PredictTarget {
  readonly accept: string | undefined;
  readonly name?: string | undefined;
  readonly version?: string | undefined;
}

/** Makes the signal that the caller has gone; only long work asks for it. */
type Gone = () => AbortSignal;

/** Translates between HTTP and the PredictService, bytes to rows and predictions to bytes, whichever way they come. */
@Injectable()
export class PredictExchange {
  constructor(
    private readonly service: PredictService,
    private readonly reader: RowsReader,
    private readonly writer: PredictionWriter,
  ) {}

  async postRows(target: PredictTarget, posted: PostedRows, gone: Gone): Promise<Answer> {
    const format = answerFormat(target);
    const { model } = this.service.find(target.name, target.version);
    return this.#predict(format, model, await readBodyRequest(posted, names(model), this.reader), gone);
  }

  async getRow(target: PredictTarget, query: Readonly<Record<string, unknown>>, gone: Gone): Promise<Answer> {
    const format = answerFormat(target);
    const { model } = this.service.find(target.name, target.version);
    return this.#predict(format, model, readQueryRequest(query, names(model)), gone);
  }

  async #predict(
    format: ResponseFormat,
    model: Model,
    { X, options: { squeeze = true, ...options } }: PredictRequest,
    gone: Gone,
  ): Promise<Answer> {
    // One row is over before anybody could be missed.
    const signal = X.rows === 1 ? undefined : gone();
    const prediction = await this.service.predict(model, X, options, signal);
    const { inputs, outputs } = model;
    return this.writer.write({ format, prediction, inputs, outputs, squeeze });
  }
}

function answerFormat({ accept }: PredictTarget): ResponseFormat {
  const format = negotiate(accept);
  if (!format) throw new NotAcceptableError(accept ?? '');
  return format;
}

function names(model: Model): string[] {
  return model.inputs.map(({ name }) => name);
}
