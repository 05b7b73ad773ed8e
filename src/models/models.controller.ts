import { Controller, Get, Param } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { ApiProblem } from '../common/openapi/api-problem.js';
import { detail, summarise } from './model-detail.js';
import { ModelRegistry } from './model-registry.js';
import { ModelDetailDto, ModelListDto, type ModelSummary, VersionListDto } from './models.dto.js';

const NAME = {
  name: 'name',
  example: 'example',
  description: "The model's name: its file name without the extension.",
};

@ApiTags('models')
@Controller('models')
export class ModelsController {
  constructor(private readonly registry: ModelRegistry) {}

  @Get()
  @ApiOperation({
    summary: 'All models and their versions, also those that could not be loaded, with the reason',
  })
  @ApiOkResponse({ type: ModelListDto })
  list(): ModelListDto {
    const { names, defaultName } = this.registry;
    return {
      default: defaultName ?? null,
      models: names.flatMap((name) => this.#versions(name)),
    };
  }

  @Get(':name')
  @ApiOperation({ summary: 'One model: inputs, outputs, kernel and hyperparameters, file and state' })
  @ApiParam(NAME)
  @ApiOkResponse({ type: ModelDetailDto })
  @ApiProblem(404, 'There is no such model (MODEL_NOT_FOUND).')
  async show(@Param('name') name: string): Promise<ModelDetailDto> {
    return detail(await this.registry.find(name), this.registry);
  }

  @Get(':name/versions')
  @ApiOperation({ summary: 'All versions of a model, greatest first, and its aliases' })
  @ApiParam(NAME)
  @ApiOkResponse({ type: VersionListDto })
  @ApiProblem(404, 'There is no such model (MODEL_NOT_FOUND).')
  async listVersions(@Param('name') name: string): Promise<VersionListDto> {
    const { version } = await this.registry.find(name);
    return {
      name,
      default: version,
      aliases: Object.fromEntries(this.registry.aliases(name)),
      versions: this.#versions(name),
    };
  }

  @Get(':name/versions/:version')
  @ApiOperation({ summary: 'One version of a model' })
  @ApiParam(NAME)
  @ApiParam({ name: 'version', example: '1', description: 'A version, an alias, or `sha256:` and a digest.' })
  @ApiOkResponse({ type: ModelDetailDto })
  @ApiProblem(404, 'There is no such model or version (MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND).')
  async showVersion(@Param('name') name: string, @Param('version') version: string): Promise<ModelDetailDto> {
    return detail(await this.registry.find(name, version), this.registry);
  }

  #versions(name: string): ModelSummary[] {
    return this.registry.versions(name).map((entry) => summarise(entry, this.registry));
  }
}
