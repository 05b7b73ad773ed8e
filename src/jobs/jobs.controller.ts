import { All, Controller, Delete, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeEndpoint, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { MethodNotAllowedError } from '../common/errors/method-not-allowed.js';
import { sendAnswer } from '../common/http/answer.js';
import { sendAnyAnswer } from '../common/http/send-stream.js';
import { JobEvents } from './job-events.js';
import { readJobFilter, readLastEventId } from './job-query.js';
import { type JobDto, jobJson, type JobListDto, jobSummary } from './job.dto.js';
import {
  ApiCancelJob,
  ApiJobEvents,
  ApiJobResult,
  ApiListJobs,
  ApiRetryJob,
  ApiShowJob,
} from './jobs.openapi.js';
import { JobsService } from './jobs.service.js';

/** Which methods each address takes. */
const ALLOW: Readonly<Record<string, string>> = {
  jobs: 'GET, HEAD',
  'jobs/:id': 'DELETE, GET, HEAD',
  'jobs/:id/result': 'GET, HEAD',
  'jobs/:id/events': 'GET, HEAD',
  'jobs/:id/retry': 'POST',
};

/** What clients see of jobs, and may do to them. Those who make jobs are the features. */
@ApiTags('jobs')
@Controller()
export class JobsController {
  constructor(
    private readonly jobs: JobsService,
    private readonly events: JobEvents,
  ) {}

  @Get('jobs')
  @ApiListJobs()
  async list(
    @Query() query: Record<string, unknown>,
    @Res({ passthrough: true }) response: Response,
  ): Promise<JobListDto> {
    const filter = readJobFilter(query);
    const [jobs, counts] = await Promise.all([this.jobs.list(filter), this.jobs.counts(filter.type)]);
    const last = jobs.length === filter.limit ? jobs.at(-1) : undefined;
    const { before: _before, ...same } = query as Record<string, string>;
    const next = last ? `/jobs?${new URLSearchParams({ ...same, before: last.id }).toString()}` : null;
    if (next !== null) response.setHeader('Link', `<${next}>; rel="next"`);
    return { jobs: jobs.map((job) => jobSummary(job)), next, counts };
  }

  @Get('jobs/:id')
  @ApiShowJob()
  async show(@Param('id') id: string): Promise<JobDto> {
    return jobJson(await this.jobs.find(id));
  }

  @Get('jobs/:id/result')
  @ApiJobResult()
  async result(@Param('id') id: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    const job = await this.jobs.find(id);
    await sendAnyAnswer(response, await this.jobs.result(job, request.headers.accept));
  }

  @Get('jobs/:id/events')
  @ApiJobEvents()
  async watch(@Param('id') id: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    const after = readLastEventId(request.headers['last-event-id']);
    await this.events.stream(await this.jobs.find(id), after, response);
  }

  @Delete('jobs/:id')
  @ApiCancelJob()
  async cancel(@Param('id') id: string, @Res() response: Response): Promise<void> {
    void sendAnswer(response, this.jobs.accepted(await this.jobs.cancel(id)));
  }

  @Post('jobs/:id/retry')
  @ApiRetryJob()
  async retry(@Param('id') id: string, @Res() response: Response): Promise<void> {
    void sendAnswer(response, this.jobs.accepted(await this.jobs.retry(id)));
  }

  @All(Object.keys(ALLOW))
  @ApiExcludeEndpoint()
  refuse(@Req() request: Request, @Res({ passthrough: true }) response: Response): never {
    const route = (request.route as { path: string }).path.slice(1);
    response.setHeader('Allow', ALLOW[route]);
    throw new MethodNotAllowedError(request.method, `${request.path}: expected ${ALLOW[route]}`);
  }
}
