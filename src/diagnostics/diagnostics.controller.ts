import { createHash } from 'node:crypto';
import { All, Controller, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeEndpoint, ApiParam, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { MethodNotAllowedError } from '../common/errors/method-not-allowed.js';
import { ModelRegistry } from '../models/model-registry.js';
import { identityOf, modelHeader } from '../predict/model-identity.js';
import { postedRows } from '../predict/posted-rows.js';
import { whenGone } from '../predict/when-gone.js';
import { ApiDiagnostics, ApiHoldOut, NAME, VERSION } from './diagnostics.openapi.js';
import { DiagnosticsService } from './diagnostics.service.js';
import { HoldOutService } from './hold-out.service.js';
import { readListed } from './read-listed.js';
import { TestSetReader } from './test-set-reader.js';

/** Every address that tells how far a model can be trusted. */
export const DIAGNOSTICS_PATHS = [
  'models/:name/diagnostics',
  'models/:name/versions/:version/diagnostics',
] as const;

type Parameters = Readonly<Record<string, unknown>>;

@ApiTags('diagnostics')
@Controller()
export class DiagnosticsController {
  constructor(
    private readonly registry: ModelRegistry,
    private readonly diagnostics: DiagnosticsService,
    private readonly holdOut: HoldOutService,
    private readonly reader: TestSetReader,
  ) {}

  @Get('models/:name/diagnostics')
  @ApiDiagnostics('a model')
  @ApiParam(NAME)
  show(
    @Req() request: Request,
    @Res() response: Response,
    @Query() query: Parameters,
    @Param('name') name: string,
  ): Promise<void> {
    return this.#show(request, response, query, name);
  }

  @Get('models/:name/versions/:version/diagnostics')
  @ApiDiagnostics('one version of a model')
  @ApiParam(NAME)
  @ApiParam(VERSION)
  showVersion(
    @Req() request: Request,
    @Res() response: Response,
    @Query() query: Parameters,
    @Param('name') name: string,
    @Param('version') version: string,
  ): Promise<void> {
    return this.#show(request, response, query, name, version);
  }

  @Post('models/:name/diagnostics')
  @HttpCode(200)
  @ApiHoldOut('a model')
  @ApiParam(NAME)
  score(
    @Req() request: Request,
    @Res() response: Response,
    @Query() query: Parameters,
    @Param('name') name: string,
  ): Promise<void> {
    return this.#score(request, response, query, name);
  }

  @Post('models/:name/versions/:version/diagnostics')
  @HttpCode(200)
  @ApiHoldOut('one version of a model')
  @ApiParam(NAME)
  @ApiParam(VERSION)
  scoreVersion(
    @Req() request: Request,
    @Res() response: Response,
    @Query() query: Parameters,
    @Param('name') name: string,
    @Param('version') version: string,
  ): Promise<void> {
    return this.#score(request, response, query, name, version);
  }

  @All([...DIAGNOSTICS_PATHS])
  @ApiExcludeEndpoint()
  refuse(@Req() request: Request, @Res({ passthrough: true }) response: Response): never {
    response.setHeader('Allow', 'GET, HEAD, POST');
    throw new MethodNotAllowedError(request.method, 'diagnostics: GET them, or POST a test set');
  }

  /** The same version is answered with the same bytes, so that their digest can stand for them. */
  async #show(
    request: Request,
    response: Response,
    query: Parameters,
    name: string,
    version?: string,
  ): Promise<void> {
    const listed = readListed(query);
    const entry = await this.registry.ready(name, version);
    const found = await this.diagnostics.diagnoseEntry(entry, listed, whenGone(response));
    const body = JSON.stringify({ model: identityOf(entry), ...found });
    response.setHeader('Kriged-Model', modelHeader(entry));
    response.setHeader('ETag', `"${createHash('sha256').update(body).digest('hex').slice(0, 32)}"`);
    if (request.fresh) response.status(304).end();
    else response.type('json').send(body);
  }

  async #score(
    request: Request,
    response: Response,
    query: Parameters,
    name: string,
    version?: string,
  ): Promise<void> {
    const listed = readListed(query);
    const entry = await this.registry.ready(name, version);
    const [inputs, outputs] = [entry.inputs, entry.outputs].map((list) =>
      list.map((variable) => variable.name),
    );
    const testSet = await this.reader.read(postedRows(request, response), inputs, outputs);
    const scores = await this.holdOut.score(entry, testSet, listed, whenGone(response));
    response.setHeader('Kriged-Model', modelHeader(entry));
    response.json(scores);
  }
}
