import { Controller, Get, Param } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { ApiProblem } from '../common/openapi/api-problem.js';
import { type ModelEntry, ModelRegistry } from './model-registry.js';
import { ModelDetailDto, ModelListDto, type ModelSummary } from './models.dto.js';

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
      models: names.flatMap((name) => this.registry.versions(name).map(summary)),
    };
  }

  @Get(':name')
  @ApiOperation({ summary: 'One model: inputs, outputs, kernel and hyperparameters, file and state' })
  @ApiParam(NAME)
  @ApiOkResponse({ type: ModelDetailDto })
  @ApiProblem(404, 'There is no such model (MODEL_NOT_FOUND).')
  show(@Param('name') name: string): ModelDetailDto {
    return this.#detail(this.registry.entry(name));
  }

  @Get(':name/versions/:version')
  @ApiOperation({ summary: 'One version of a model' })
  @ApiParam(NAME)
  @ApiParam({ name: 'version', example: '1' })
  @ApiOkResponse({ type: ModelDetailDto })
  @ApiProblem(404, 'There is no such model or version (MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND).')
  showVersion(@Param('name') name: string, @Param('version') version: string): ModelDetailDto {
    return this.#detail(this.registry.entry(name, version));
  }

  #detail(entry: ModelEntry): ModelDetailDto {
    const versions = this.registry.versions(entry.name).map(({ version }) => version);
    if (entry.state === 'failed') return { ...summary(entry), versions };
    const { model, format } = entry;
    return {
      ...summary(entry),
      versions,
      format,
      inputs: model.inputs,
      outputs: model.outputs,
      supports: model.supportedMethods,
      description: model.describe(),
    };
  }
}

function summary(entry: ModelEntry): ModelSummary {
  const { name, version, state, file } = entry;
  return {
    name,
    version,
    state,
    ...(entry.state === 'ready' ? { type: entry.model.type } : { reason: entry.reason }),
    file,
  };
}
