import { Body, Controller, Delete, HttpCode, Param, Post, Put, Req, Res } from '@nestjs/common';
import {
  ApiBody,
  ApiConsumes,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { InvalidInputError } from '../common/media/issue.js';
import { ApiProblem } from '../common/openapi/api-problem.js';
import type { JsonSchema } from '../common/schema/json-schema.js';
import { detail } from '../models/model-detail.js';
import { ModelRegistry } from '../models/model-registry.js';
import { ModelDetailDto } from '../models/models.dto.js';
import {
  ALIAS_TARGET,
  AliasDto,
  AliasTargetDto,
  ROLLBACK,
  RollbackDto,
  UploadDto,
} from './repository.dto.js';
import { writing } from './repository-errors.js';
import { RepositoryService } from './repository.service.js';
import { UploadReceiver } from './upload-receiver.js';

const NAME = { name: 'name', example: 'example', description: "The model's name." };
const READ_ONLY = 'The server, or its file system, does not let requests change models (READ_ONLY).';
const FULL = 'There is no room on the disk (DISK_FULL).';

/** Changes the repository over HTTP: new versions, aliases, rollback, deletion. */
@ApiTags('repository')
@ApiParam(NAME)
@Controller('models/:name')
export class RepositoryController {
  constructor(
    private readonly service: RepositoryService,
    private readonly receiver: UploadReceiver,
    private readonly registry: ModelRegistry,
  ) {}

  @Post()
  @ApiOperation({
    summary: 'Upload a new version of a model',
    description:
      'The version is served once its file has loaded and its checks are reproduced; until then, and if not, the one before is. The same file again is the version that it was (200).',
  })
  @ApiConsumes('multipart/form-data')
  @ApiBody({ type: UploadDto })
  @ApiCreatedResponse({ type: ModelDetailDto, headers: { Location: { schema: { type: 'string' } } } })
  @ApiOkResponse({ type: ModelDetailDto, description: 'This file is a version already.' })
  @ApiProblem(400, 'The form or a name is not in order (INVALID_INPUT, INVALID_NAME).')
  @ApiProblem(403, READ_ONLY)
  @ApiProblem(409, 'There is such a version already (VERSION_EXISTS, ALIAS_IS_VERSION).')
  @ApiProblem(413, 'The file is too large (MODEL_FILE_TOO_LARGE).')
  @ApiProblem(503, FULL)
  @ApiProblem(422, 'The file is no model, or fails its checks; nothing has changed (MODEL_FILE_REFUSED).')
  async upload(
    @Param('name') name: string,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<ModelDetailDto> {
    this.service.requireWritable(name);
    const upload = await writing(this.receiver.receive(request, response));
    const { entry, isNew } = await writing(this.service.upload(name, upload));
    response.setHeader('Location', `/models/${name}/versions/${entry.version}`);
    response.status(isNew ? 201 : 200);
    return detail(entry, this.registry);
  }

  @Put('aliases/:alias')
  @ApiOperation({
    summary: 'Make an alias mean a version, at once; `production` is what requests mean that name none',
  })
  @ApiParam({ name: 'alias', example: 'production' })
  @ApiBody({ type: AliasTargetDto })
  @ApiOkResponse({ type: AliasDto })
  @ApiProblem(400, 'The body or the name is not in order (INVALID_INPUT, INVALID_NAME).')
  @ApiProblem(403, READ_ONLY)
  @ApiProblem(404, 'There is no such model or version (MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND).')
  @ApiProblem(409, 'The version is not served, or the alias is one (MODEL_NOT_LOADED, ALIAS_IS_VERSION).')
  async setAlias(
    @Param('name') name: string,
    @Param('alias') alias: string,
    @Body() body: unknown,
  ): Promise<AliasDto> {
    const { version } = await valid(ALIAS_TARGET, body);
    return { alias, ...(await writing(this.service.setAlias(name, alias, version))) };
  }

  @Delete('aliases/:alias')
  @HttpCode(204)
  @ApiOperation({ summary: 'Remove an alias; the version stays' })
  @ApiParam({ name: 'alias', example: 'production' })
  @ApiNoContentResponse()
  @ApiProblem(400, 'A name or the body is not in order (INVALID_NAME, INVALID_INPUT).')
  @ApiProblem(403, READ_ONLY)
  @ApiProblem(404, 'There is no such alias (ALIAS_NOT_FOUND).')
  deleteAlias(@Param('name') name: string, @Param('alias') alias: string): Promise<void> {
    return writing(this.service.deleteAlias(name, alias));
  }

  @Post('rollback')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Move an alias back to the version it meant before, or to the next lower one',
  })
  @ApiBody({ type: RollbackDto, required: false })
  @ApiOkResponse({ type: AliasDto })
  @ApiProblem(400, 'A name or the body is not in order (INVALID_NAME, INVALID_INPUT).')
  @ApiProblem(403, READ_ONLY)
  @ApiProblem(404, 'There is no such model or alias (MODEL_NOT_FOUND, ALIAS_NOT_FOUND).')
  @ApiProblem(409, 'There is no earlier version (NO_EARLIER_VERSION).')
  async rollback(@Param('name') name: string, @Body() body: unknown): Promise<AliasDto> {
    const { alias = 'production' } = await valid(ROLLBACK, body ?? {});
    return { alias, ...(await writing(this.service.rollback(name, alias))) };
  }

  @Delete('versions/:version')
  @HttpCode(204)
  @ApiOperation({ summary: 'Delete a version; requests that have begun finish on it' })
  @ApiParam({ name: 'version', example: '1' })
  @ApiNoContentResponse()
  @ApiProblem(400, 'A name or the body is not in order (INVALID_NAME, INVALID_INPUT).')
  @ApiProblem(403, READ_ONLY)
  @ApiProblem(404, 'There is no such model or version (MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND).')
  @ApiProblem(409, 'An alias means this version (VERSION_IN_USE).')
  deleteVersion(@Param('name') name: string, @Param('version') version: string): Promise<void> {
    return writing(this.service.deleteVersion(name, version));
  }

  @Delete()
  @HttpCode(204)
  @ApiOperation({ summary: 'Delete a model with all its versions and aliases' })
  @ApiNoContentResponse()
  @ApiProblem(400, 'A name or the body is not in order (INVALID_NAME, INVALID_INPUT).')
  @ApiProblem(403, READ_ONLY)
  @ApiProblem(404, 'There is no such model (MODEL_NOT_FOUND).')
  deleteModel(@Param('name') name: string): Promise<void> {
    return writing(this.service.deleteModel(name));
  }
}

async function valid<T>(schema: JsonSchema<T>, body: unknown): Promise<T> {
  const issues = await schema.issues(body);
  if (issues.length > 0) throw new InvalidInputError(issues);
  return body as T;
}
