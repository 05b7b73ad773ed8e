import { All, Controller, Get, Param, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeEndpoint, ApiParam, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { MethodNotAllowedError } from '../common/errors/method-not-allowed.js';
import { sendAnswer } from '../common/http/answer.js';
import { ApiPredictByGet, ApiPredictByPost } from './predict.openapi.js';
import { PredictExchange } from './predict-exchange.js';
import { postedRows } from './posted-rows.js';
import { whenGone } from './when-gone.js';

export const NAME = { name: 'name', example: 'example', description: "The model's name." };
export const VERSION = { name: 'version', example: '1', description: "The model's version." };

/** Every address that predicts. */
export const PREDICT_PATHS = [
  'predict',
  'models/:name/predict',
  'models/:name/versions/:version/predict',
] as const;

/** Every address that predicts, by every method. */
@ApiTags('predict')
@Controller()
export class PredictController {
  constructor(private readonly exchange: PredictExchange) {}

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
    throw new MethodNotAllowedError(
      request.method,
      'predicting: send the rows with POST, or one row with GET',
    );
  }

  async #postRows(request: Request, response: Response, name?: string, version?: string): Promise<void> {
    const target = { accept: request.headers.accept, name, version };
    await sendAnswer(response, await this.exchange.postRows(target, postedRows(request, response)));
  }

  async #getRow(request: Request, response: Response, name?: string, version?: string): Promise<void> {
    const target = { accept: request.headers.accept, name, version };
    const gone = (): AbortSignal => whenGone(response);
    await sendAnswer(response, await this.exchange.getRow(target, request.query, gone));
  }
}
