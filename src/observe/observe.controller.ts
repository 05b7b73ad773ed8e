import { Controller, Param, Post, Req, Res } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { sendAnswer } from '../common/http/answer.js';
import { JOB_OPTION_NAMES } from '../jobs/job-options.js';
import { JobsService } from '../jobs/jobs.service.js';
import { detail } from '../models/model-detail.js';
import { ModelRegistry } from '../models/model-registry.js';
import { whenGone } from '../predict/when-gone.js';
import { observeRequest } from './observe.job-type.js';
import { ApiObserve } from './observe.openapi.js';
import { ObserveService } from './observe.service.js';
import { readObservations } from './read-observations.js';

export const OBSERVE_PATH = 'models/:name/observe';

@ApiTags('repository')
@Controller()
export class ObserveController {
  constructor(
    private readonly service: ObserveService,
    private readonly jobs: JobsService,
    private readonly registry: ModelRegistry,
  ) {}

  @Post(OBSERVE_PATH)
  @ApiObserve()
  @ApiParam({ name: 'name', example: 'example', description: "The model's name." })
  async observe(
    @Param('name') name: string,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const options = this.jobs.options(request);
    const latest = await this.service.latest(name);
    const columns = {
      inputs: latest.inputs.map((input) => input.name),
      outputs: latest.outputs.map((output) => output.name),
    };
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const query = Object.entries(request.query).filter(([key]) => !isJobOption(key));
    const type = request.headers['content-type'];
    const observations = readObservations(type, body, Object.fromEntries(query), columns);

    // A model that cannot observe says so at once.
    if (options.prefer.respondAsync && latest.supports.includes('observe')) {
      const { job } = await this.jobs.submit('observe', observeRequest(name, observations), options);
      await sendAnswer(response, await this.jobs.acceptedAfterWait(job, options, whenGone(response)));
      return;
    }
    const { idempotencyKey } = options;
    const { entry, isNew } = await this.service.observe(
      name,
      observations,
      idempotencyKey,
      whenGone(response),
    );
    await sendAnswer(response, {
      status: isNew ? 201 : 200,
      headers: {
        'Content-Type': 'application/json; charset=utf-8',
        Location: `/models/${name}/versions/${entry.version}`,
      },
      body: JSON.stringify(detail(entry, this.registry)),
    });
  }
}

function isJobOption(name: string): boolean {
  return (JOB_OPTION_NAMES as readonly string[]).includes(name);
}
