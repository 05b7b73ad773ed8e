import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { isTerminal, type Job, JOB_STATES, type JobState, type Json } from './job.js';

const ID = '0198c6a4-6d3e-7a10-8f6b-2f1d3c5e7a90';
const TIME = '2026-01-31T08:00:00.000Z';

class JobProgressDto {
  @ApiProperty({ description: 'Parts of the work that are done.', example: 30 })
  done!: number;

  @ApiProperty({ description: 'Parts of the work in all.', example: 100 })
  total!: number;

  @ApiPropertyOptional({ description: 'Of those done: found done by an earlier attempt.', example: 20 })
  found?: number;

  @ApiProperty({ description: '`done` of `total`, from 0 to 1.', example: 0.3 })
  fraction!: number;

  @ApiPropertyOptional({ description: 'What is going on.' })
  message?: string;
}

class JobFailureDto {
  @ApiProperty({ example: 'MODEL_NOT_FOUND' })
  code!: string;

  @ApiProperty({ description: 'What went wrong, in words.' })
  message!: string;

  @ApiPropertyOptional({ type: 'object', additionalProperties: true })
  details?: { readonly [key: string]: Json };
}

class JobLinksDto {
  @ApiProperty({ example: `/jobs/${ID}` })
  self!: string;

  @ApiProperty({ example: `/jobs/${ID}/result` })
  result!: string;

  @ApiProperty({ example: `/jobs/${ID}/events` })
  events!: string;
}

export class JobSummaryDto {
  @ApiProperty({ description: 'UUID; later jobs sort later.', example: ID })
  id!: string;

  @ApiProperty({ example: 'train' })
  type!: string;

  @ApiPropertyOptional({ description: 'The job it is a part of.', example: ID })
  parent?: string;

  @ApiProperty({
    enum: JOB_STATES,
    description:
      '`queued`: waits for its turn, its time or its next attempt. The last three are final, unless somebody sends the job again.',
  })
  state!: JobState;

  @ApiPropertyOptional({ type: JobProgressDto })
  progress?: JobProgressDto;

  @ApiPropertyOptional({
    description: 'When a running job will have ended, if it goes on as it has so far.',
    example: TIME,
  })
  estimatedEnd?: string;

  @ApiProperty({ description: 'How many attempts have begun.', example: 1 })
  attempt!: number;

  @ApiProperty({ example: 3 })
  maxAttempts!: number;

  @ApiProperty({ description: 'From -100 to 100; greater ones first.', example: 0 })
  priority!: number;

  @ApiProperty({ description: 'Of one attempt, in seconds.', example: 3600 })
  timeLimit!: number;

  @ApiPropertyOptional({ description: 'The address that asked.', example: '10.0.0.7' })
  requestedBy?: string;

  @ApiProperty({ example: TIME })
  createdAt!: string;

  @ApiPropertyOptional({ description: 'It does not begin before.', example: TIME })
  startAfter?: string;

  @ApiPropertyOptional({ description: 'When the latest attempt began.', example: TIME })
  startedAt?: string;

  @ApiPropertyOptional({ example: TIME })
  finishedAt?: string;

  @ApiPropertyOptional({ description: 'It has been told to stop, and does so soon.' })
  cancelRequested?: boolean;

  @ApiPropertyOptional({ type: JobFailureDto, description: 'Of the latest attempt that failed.' })
  failure?: JobFailureDto;

  @ApiPropertyOptional({
    description: 'The host that is told when it ends; the rest of the URL may be a secret.',
    example: 'https://hooks.example.org',
  })
  webhook?: string;

  @ApiProperty({ type: JobLinksDto })
  links!: JobLinksDto;
}

export class JobDto extends JobSummaryDto {
  @ApiProperty({ type: [String], description: 'The latest lines it has said, oldest first.' })
  log!: readonly string[];
}

class JobCountsDto implements Record<JobState, number> {
  @ApiProperty({ example: 3 })
  queued!: number;

  @ApiProperty({ example: 1 })
  running!: number;

  @ApiProperty({ example: 120 })
  succeeded!: number;

  @ApiProperty({ example: 2 })
  failed!: number;

  @ApiProperty({ example: 0 })
  cancelled!: number;
}

export class JobListDto {
  @ApiProperty({ type: [JobSummaryDto], description: 'Newest first.' })
  jobs!: JobSummaryDto[];

  @ApiProperty({ type: String, nullable: true, description: 'Where the next page is.' })
  next!: string | null;

  @ApiProperty({ type: JobCountsDto })
  counts!: JobCountsDto;
}

/** How a job is shown: nothing of what was asked for or came out, which may be large, or somebody's own. */
export function jobJson(job: Job, now = new Date()): JobDto {
  return Object.assign(jobSummary(job, now), { log: job.log });
}

export function jobSummary(job: Job, now = new Date()): JobSummaryDto {
  const { id, type, parent, state, progress, attempt, maxAttempts, priority, requestedBy, failure } = job;
  const end = estimatedEnd(job, now);
  return {
    id,
    type,
    ...(parent !== undefined && { parent }),
    state,
    ...(progress && {
      progress: { ...progress, fraction: progress.total > 0 ? progress.done / progress.total : 0 },
    }),
    ...(end && { estimatedEnd: end.toISOString() }),
    attempt,
    maxAttempts,
    priority,
    timeLimit: job.timeLimitSeconds,
    ...(requestedBy !== undefined && { requestedBy }),
    createdAt: job.createdAt.toISOString(),
    ...(job.startAfter && { startAfter: job.startAfter.toISOString() }),
    ...(job.startedAt && { startedAt: job.startedAt.toISOString() }),
    ...(job.finishedAt && { finishedAt: job.finishedAt.toISOString() }),
    ...(job.cancelRequested && !isTerminal(state) && { cancelRequested: true }),
    ...(failure && { failure }),
    ...(job.webhook !== undefined && { webhook: new URL(job.webhook).origin }),
    links: { self: `/jobs/${id}`, result: `/jobs/${id}/result`, events: `/jobs/${id}/events` },
  };
}

/** A Date cannot hold what a first, tiny step would foretell. */
const MOST_MS_LEFT = 366 * 86_400_000;

/** As if the rest took as long, part by part, as what this attempt has done. Undefined where nothing is known yet. */
export function estimatedEnd({ state, progress, startedAt }: Job, now: Date): Date | undefined {
  if (state !== 'running' || !progress || !startedAt) return undefined;
  const done = progress.done - (progress.found ?? 0);
  if (!(done > 0)) return undefined;
  const elapsed = Math.max(0, now.getTime() - startedAt.getTime());
  const left = elapsed * Math.max(0, (progress.total - progress.done) / done);
  return new Date(now.getTime() + Math.min(left, MOST_MS_LEFT));
}

const MOST_SECONDS_LEFT = 60;

/** In how many seconds it is worth asking again: from 1 to 60. */
export function secondsLeft(job: Job, now = new Date()): number {
  const time = job.state === 'queued' ? job.startAfter : estimatedEnd(job, now);
  const seconds = time ? Math.ceil((time.getTime() - now.getTime()) / 1000) : 1;
  return Math.min(Math.max(seconds, 1), MOST_SECONDS_LEFT);
}
