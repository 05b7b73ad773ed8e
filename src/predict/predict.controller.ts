import { All, Controller, Get, Param, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeEndpoint, ApiParam, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { negotiate, type ResponseFormat } from '../common/media/negotiate.js';
import type { ReadyEntry } from '../models/model-entry.js';
import { ApiPredictByGet, ApiPredictByPost } from './predict.openapi.js';
import { MethodNotAllowedError, NotAcceptableError } from './predict-errors.js';
import { type PredictRequest, readBodyRequest, readQueryRequest } from './predict-request.js';
import { PredictService } from './predict.service.js';
import { PredictionWriter } from './prediction-writer.js';
import { RowsReader } from './rows-reader.js';
import { whenGone } from './when-gone.js';

const NAME = { name: 'name', example: 'example', description: "The model's name." };
const VERSION = { name: 'version', example: '1', description: "The model's version." };

/** Every address that predicts. */
export const PREDICT_PATHS = [
  'predict',
  'models/:name/predict',
  'models/:name/versions/:version/predict',
] as const;

/** Translates between HTTP and the PredictService: bytes to rows, predictions to bytes. */
@ApiTags('predict')
@Controller()
export class PredictController {
  constructor(
    private readonly service: PredictService,
    private readonly reader: RowsReader,
    private readonly writer: PredictionWriter,
  ) {}

  @Post('predict')
  @ApiPredictByPost('the default model')
  post(@Req() request: Request, @Res() response: Response): Promise<void> {
    return this.#postRows(request, response);
  }

  @Get('predict')
  @ApiPredictByGet('the default model')
  get(@Req() request: Request, @Res() response: Response): Promise<void> {
    return this.#getRow(request, response);
  }

  @Post('models/:name/predict')
  @ApiPredictByPost('a model')
  @ApiParam(NAME)
  postModel(@Req() request: Request, @Res() response: Response, @Param('name') name: string): Promise<void> {
    return this.#postRows(request, response, name);
  }

  @Get('models/:name/predict')
  @ApiPredictByGet('a model')
  @ApiParam(NAME)
  getModel(@Req() request: Request, @Res() response: Response, @Param('name') name: string): Promise<void> {
    return this.#getRow(request, response, name);
  }

  @Post('models/:name/versions/:version/predict')
  @ApiPredictByPost('one version of a model')
  @ApiParam(NAME)
  @ApiParam(VERSION)
  postVersion(
    @Req() request: Request,
    @Res() response: Response,
    @Param('name') name: string,
    @Param('version') version: string,
  ): Promise<void> {
    return this.#postRows(request, response, name, version);
  }

  @Get('models/:name/versions/:version/predict')
  @ApiPredictByGet('one version of a model')
  @ApiParam(NAME)
  @ApiParam(VERSION)
  getVersion(
    @Req() request: Request,
    @Res() response: Response,
    @Param('name') name: string,
    @Param('version') version: string,
  ): Promise<void> {
    return this.#getRow(request, response, name, version);
  }

  @All([...PREDICT_PATHS])
  @ApiExcludeEndpoint()
  refuse(@Req() request: Request, @Res({ passthrough: true }) response: Response): never {
    response.setHeader('Allow', 'GET, HEAD, POST');
    throw new MethodNotAllowedError(request.method);
  }

  async #postRows(request: Request, response: Response, name?: string, version?: string): Promise<void> {
    const format = answerFormat(request);
    const entry = await this.service.find(name, version);
    await this.#answer(response, format, entry, await readBodyRequest(request, names(entry), this.reader));
  }

  async #getRow(request: Request, response: Response, name?: string, version?: string): Promise<void> {
    const format = answerFormat(request);
    const entry = await this.service.find(name, version);
    await this.#answer(response, format, entry, readQueryRequest(request.query, names(entry)));
  }

  async #answer(
    response: Response,
    format: ResponseFormat,
    entry: ReadyEntry,
    { X, options: { squeeze = true, ...options } }: PredictRequest,
  ): Promise<void> {
    const gone = whenGone(response);
    const prediction = await this.service.predict(entry, X, options, gone);
    const { inputs, outputs } = entry;
    await this.writer.write(response, { format, prediction, inputs, outputs, squeeze }, gone);
  }
}

function answerFormat(request: Request): ResponseFormat {
  const { accept } = request.headers;
  const format = negotiate(accept);
  if (!format) throw new NotAcceptableError(accept ?? '');
  return format;
}

function names(entry: ReadyEntry): string[] {
  return entry.inputs.map(({ name }) => name);
}
