import { All, Controller, Param, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeEndpoint, ApiParam, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { MethodNotAllowedError } from '../common/errors/method-not-allowed.js';
import { postedRows } from './posted-rows.js';
import { NAME, VERSION } from './predict.controller.js';
import { PredictExchange } from './predict-exchange.js';
import { ApiValidate } from './predict.openapi.js';
import type { Validation } from './validation.js';

/** Every address that checks a request without predicting. */
export const VALIDATE_PATHS = [
  'validate',
  'models/:name/validate',
  'models/:name/versions/:version/validate',
] as const;

@ApiTags('predict')
@Controller()
export class ValidateController {
  constructor(private readonly exchange: PredictExchange) {}

  @Post('validate')
  @ApiValidate('the default model')
  validate(@Req() request: Request, @Res({ passthrough: true }) response: Response): Promise<Validation> {
    return this.#validate(request, response);
  }

  @Post('models/:name/validate')
  @ApiValidate('a model')
  @ApiParam(NAME)
  validateModel(
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
    @Param('name') name: string,
  ): Promise<Validation> {
    return this.#validate(request, response, name);
  }

  @Post('models/:name/versions/:version/validate')
  @ApiValidate('one version of a model')
  @ApiParam(NAME)
  @ApiParam(VERSION)
  validateVersion(
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
    @Param('name') name: string,
    @Param('version') version: string,
  ): Promise<Validation> {
    return this.#validate(request, response, name, version);
  }

  @All([...VALIDATE_PATHS])
  @ApiExcludeEndpoint()
  refuse(@Req() request: Request, @Res({ passthrough: true }) response: Response): never {
    response.setHeader('Allow', 'POST');
    throw new MethodNotAllowedError(request.method, 'validating: send the rows with POST');
  }

  #validate(request: Request, response: Response, name?: string, version?: string): Promise<Validation> {
    const target = { accept: request.headers.accept, name, version };
    return this.exchange.validateRows(target, postedRows(request, response));
  }
}
