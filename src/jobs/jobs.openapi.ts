import { applyDecorators } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiHeader,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiProduces,
  ApiQuery,
} from '@nestjs/swagger';
import { MEDIA_TYPES } from '../common/media/negotiate.js';
import { ApiProblem } from '../common/openapi/api-problem.js';
import { JOB_STATES } from './job.js';
import { JobDto, JobListDto } from './job.dto.js';
import { MOST_ATTEMPTS, MOST_DELAY_SECONDS, MOST_PRIORITY, MOST_TIME_LIMIT_SECONDS } from './job-options.js';

const ID = ApiParam({ name: 'id', description: "The job's id.", schema: { type: 'string', format: 'uuid' } });
const NOT_FOUND = ApiProblem(404, 'There is no such job (JOB_NOT_FOUND).');

const HEADERS = {
  Location: { description: 'The address of the job.', schema: { type: 'string' as const } },
  'Retry-After': {
    description: 'In how many seconds to ask again; absent where the job has ended.',
    schema: { type: 'integer' as const },
  },
};

/** Of a route that makes a job: the options that all of them take, and what all of them answer. */
export function ApiMakesJob(): MethodDecorator {
  return applyDecorators(
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description: 'The same key with the same request means the same job, however often it is sent.',
      schema: { type: 'string', minLength: 1, maxLength: 255 },
    }),
    ApiHeader({
      name: 'Prefer',
      required: false,
      description: '`wait=N` waits up to N (60 at most) seconds for the job to end (RFC 7240).',
      schema: { type: 'string' },
    }),
    query('priority', 'Greater ones first.', { minimum: -MOST_PRIORITY, maximum: MOST_PRIORITY }),
    query('delay', 'Seconds that it waits.', { minimum: 0, maximum: MOST_DELAY_SECONDS }),
    ApiQuery({
      name: 'startAfter',
      required: false,
      description: 'It does not begin before this time.',
      schema: { type: 'string', format: 'date-time' },
    }),
    query('timeLimit', 'Of one attempt, in seconds.', { minimum: 1, maximum: MOST_TIME_LIMIT_SECONDS }),
    query('maxAttempts', 'How often it is attempted.', { minimum: 1, maximum: MOST_ATTEMPTS }),
    ApiQuery({
      name: 'webhook',
      required: false,
      description: 'Told, by a signed POST, when the job has ended; on a host of WEBHOOK_HOSTS.',
      schema: { type: 'string', format: 'uri' },
    }),
    ApiAcceptedResponse({ type: JobDto, headers: HEADERS, description: 'The job is taken on.' }),
    ApiOkResponse({ type: JobDto, headers: HEADERS, description: 'The job has ended already.' }),
  );
}

function query(
  name: string,
  description: string,
  range: { minimum: number; maximum: number },
): MethodDecorator {
  return ApiQuery({ name, description, required: false, schema: { type: 'integer', ...range } });
}

export function ApiListJobs(): MethodDecorator {
  return applyDecorators(
    ApiOperation({
      summary: 'Jobs, newest first; the parts of a job with `parent`',
      description:
        '`counts` says how many jobs are in each state: of the type asked for, or of all that are no parts of others.',
    }),
    ApiQuery({ name: 'state', required: false, enum: JOB_STATES }),
    ApiQuery({ name: 'type', required: false, description: 'A job type.', type: String }),
    ApiQuery({ name: 'parent', required: false, schema: { type: 'string', format: 'uuid' } }),
    ApiQuery({
      name: 'before',
      required: false,
      description: 'Jobs older than this one: the next page.',
      schema: { type: 'string', format: 'uuid' },
    }),
    ApiQuery({
      name: 'limit',
      required: false,
      schema: { type: 'integer', minimum: 1, maximum: 200, default: 50 },
    }),
    ApiOkResponse({
      type: JobListDto,
      headers: { Link: { description: 'The next page (rel="next").', schema: { type: 'string' } } },
    }),
    ApiProblem(400, 'A parameter is wrong (INVALID_INPUT).'),
  );
}

export function ApiShowJob(): MethodDecorator {
  return applyDecorators(
    ID,
    ApiOperation({ summary: 'One job: state, progress, attempts, the latest lines of its log' }),
    ApiOkResponse({ type: JobDto }),
    NOT_FOUND,
  );
}

export function ApiJobResult(): MethodDecorator {
  return applyDecorators(
    ID,
    ApiOperation({
      summary: 'What a job has made',
      description:
        'A job type may write its result in several types, by `Accept`. A job that failed answers with its failure.',
    }),
    ApiProduces(...Object.values(MEDIA_TYPES)),
    ApiOkResponse({ description: 'The result, as its job type describes it.', schema: {} }),
    NOT_FOUND,
    ApiProblem(406, 'The result cannot be written so (NOT_ACCEPTABLE).'),
    ApiProblem(409, 'There is no result (JOB_NOT_FINISHED, with Retry-After; JOB_CANCELLED).'),
    ApiProblem(422, 'The job failed for a reason that lies in its request: the code is the failure’s own.'),
    ApiProblem(500, 'The job failed for no fault of its request: the code is the failure’s own.'),
  );
}

export function ApiJobEvents(): MethodDecorator {
  return applyDecorators(
    ID,
    ApiOperation({
      summary: 'What happens to a job, as server-sent events',
      description:
        'Events `state`, `progress` and `log`, from the first one on; the stream ends after that of the final state. With `Last-Event-ID`, what came after that event.',
    }),
    ApiHeader({
      name: 'Last-Event-ID',
      required: false,
      description: 'The last event that was seen. Browsers send it by themselves.',
      schema: { type: 'integer', minimum: 0 },
    }),
    ApiProduces('text/event-stream'),
    ApiOkResponse({
      description: 'The stream: each event as here, `data` a JSON object.',
      schema: {
        type: 'object',
        required: ['id', 'event', 'data'],
        properties: {
          id: { type: 'string' },
          event: { type: 'string', enum: ['state', 'progress', 'log'] },
          data: { type: 'string' },
        },
      },
    }),
    ApiNoContentResponse({ description: 'The job has ended, and there is no event after that one.' }),
    ApiProblem(400, 'Last-Event-ID is wrong (INVALID_INPUT).'),
    NOT_FOUND,
  );
}

export function ApiCancelJob(): MethodDecorator {
  return applyDecorators(
    ID,
    ApiOperation({
      summary: 'Cancel a job',
      description: 'A running job is told to stop, and does so soon. To cancel it again changes nothing.',
    }),
    ApiOkResponse({ type: JobDto, description: 'It is cancelled.' }),
    ApiAcceptedResponse({ type: JobDto, headers: HEADERS, description: 'It is stopping.' }),
    NOT_FOUND,
    ApiProblem(409, 'It has succeeded or failed before (JOB_ENDED).'),
  );
}

export function ApiRetryJob(): MethodDecorator {
  return applyDecorators(
    ID,
    ApiOperation({ summary: 'Send a failed or cancelled job again, with all its attempts' }),
    ApiAcceptedResponse({ type: JobDto, headers: HEADERS }),
    NOT_FOUND,
    ApiProblem(409, 'It is in another state (JOB_NOT_RETRYABLE).'),
  );
}
