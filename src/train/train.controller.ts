import { All, Controller, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeEndpoint, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { MethodNotAllowedError } from '../common/errors/method-not-allowed.js';
import { sendAnswer } from '../common/http/answer.js';
import { JOB_OPTION_NAMES } from '../jobs/job-options.js';
import { JobsService } from '../jobs/jobs.service.js';
import { DataReceiver } from './data-receiver.js';
import { ApiTrain } from './train.openapi.js';
import { TrainService } from './train.service.js';

/** Training, which is always a job. */
@ApiTags('train')
@Controller('train')
export class TrainController {
  constructor(
    private readonly service: TrainService,
    private readonly receiver: DataReceiver,
    private readonly jobs: JobsService,
  ) {}

  @Post()
  @ApiTrain()
  async train(@Req() request: Request, @Res() response: Response): Promise<void> {
    const options = this.jobs.options(request);
    const texts = Object.fromEntries(
      Object.entries(request.query).filter(
        ([name]) => !(JOB_OPTION_NAMES as readonly string[]).includes(name),
      ),
    );
    const { job } = await this.service.submit(
      (key) => this.receiver.receive(request, response, key),
      texts,
      options,
    );
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const answer = await this.jobs.acceptedAfterWait(job, options, gone.signal);
    await sendAnswer(response, answer);
  }

  @All()
  @ApiExcludeEndpoint()
  refuse(@Req() request: Request, @Res({ passthrough: true }) response: Response): never {
    response.setHeader('Allow', 'POST');
    throw new MethodNotAllowedError(request.method, 'training: POST the data');
  }
}
