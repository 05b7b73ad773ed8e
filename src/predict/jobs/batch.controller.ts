import { All, Controller, Param, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeEndpoint, ApiParam, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { MethodNotAllowedError } from '../../common/errors/method-not-allowed.js';
import { sendAnyAnswer } from '../../common/http/send-stream.js';
import { NAME, VERSION } from '../predict.controller.js';
import { ApiBatch } from './batch.openapi.js';
import { BatchesService } from './batches.service.js';

/** Files of rows of any length, each a job. */
@ApiTags('predict')
@Controller()
export class BatchController {
  constructor(private readonly batches: BatchesService) {}

  @Post('batch')
  @ApiBatch('the default model')
  post(@Req() request: Request, @Res() response: Response): Promise<void> {
    return this.#post(request, response);
  }

  @Post('models/:name/batch')
  @ApiBatch('a model')
  @ApiParam(NAME)
  postModel(@Req() request: Request, @Res() response: Response, @Param('name') name: string): Promise<void> {
    return this.#post(request, response, name);
  }

  @Post('models/:name/versions/:version/batch')
  @ApiBatch('one version of a model')
  @ApiParam(NAME)
  @ApiParam(VERSION)
  postVersion(
    @Req() request: Request,
    @Res() response: Response,
    @Param('name') name: string,
    @Param('version') version: string,
  ): Promise<void> {
    return this.#post(request, response, name, version);
  }

  @All(['batch', 'models/:name/batch', 'models/:name/versions/:version/batch'])
  @ApiExcludeEndpoint()
  refuse(@Req() request: Request, @Res({ passthrough: true }) response: Response): never {
    response.setHeader('Allow', 'POST');
    throw new MethodNotAllowedError(request.method, 'batches: send the file with POST');
  }

  async #post(request: Request, response: Response, name?: string, version?: string): Promise<void> {
    const target = { accept: request.headers.accept, name, version };
    await sendAnyAnswer(response, await this.batches.post(target, request, response));
  }
}
