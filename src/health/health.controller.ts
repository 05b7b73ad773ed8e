import { Controller, Get, Res } from '@nestjs/common';
import {
  ApiOkResponse,
  ApiOperation,
  ApiProperty,
  ApiServiceUnavailableResponse,
  ApiTags,
} from '@nestjs/swagger';
import type { Response } from 'express';
import { Backend } from '../compute/backend.js';
import { JobEngine } from '../jobs/job-engine.js';
import { ModelRegistry } from '../models/model-registry.js';
import { Shutdown } from './shutdown.js';

class LiveDto {
  @ApiProperty({ example: 'ok' })
  status!: string;
}

class ReadyDto {
  @ApiProperty({ enum: ['ready', 'stopping'] })
  status!: 'ready' | 'stopping';

  @ApiProperty({ description: 'Model versions that are served.', example: 1 })
  ready!: number;

  @ApiProperty({
    description: 'Model files that could not be loaded; `GET /models` has the reasons.',
    example: 0,
  })
  failed!: number;

  @ApiProperty({ description: 'What it computes with.', example: 'OpenBLAS 0.3.21 + WebAssembly SIMD' })
  compute!: string;

  @ApiProperty({ description: 'Where it keeps its jobs.', example: 'embedded' })
  jobs!: string;
}

@ApiTags('health')
@Controller('health')
export class HealthController {
  constructor(
    private readonly registry: ModelRegistry,
    private readonly shutdown: Shutdown,
    private readonly backend: Backend,
    private readonly engine: JobEngine,
  ) {}

  @Get('live')
  @ApiOperation({ summary: 'Whether the process runs' })
  @ApiOkResponse({ type: LiveDto })
  live(): LiveDto {
    return { status: 'ok' };
  }

  @Get(['', 'ready'])
  @ApiOperation({ summary: 'Whether the models are loaded and requests are taken' })
  @ApiOkResponse({ type: ReadyDto })
  @ApiServiceUnavailableResponse({ type: ReadyDto, description: 'The server is stopping.' })
  ready(@Res({ passthrough: true }) response: Response): ReadyDto {
    const entries = this.registry.names.flatMap((name) => this.registry.versions(name));
    const failed = entries.filter(({ state }) => state === 'failed').length;
    response.status(this.shutdown.stopping ? 503 : 200);
    return {
      status: this.shutdown.stopping ? 'stopping' : 'ready',
      ready: entries.length - failed,
      failed,
      compute: this.backend.description,
      jobs: this.engine.name,
    };
  }
}
