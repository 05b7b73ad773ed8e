import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NestExpressApplication } from '@nestjs/platform-express';
import express, { type Request, type Response } from 'express';
import type { Response as Answered } from 'supertest';
import { expect } from 'vitest';
import { DomainError } from '../../src/common/errors/domain-error.js';
import { sendAnswer } from '../../src/common/http/answer.js';
import { negotiate } from '../../src/common/media/negotiate.js';
import { isTerminal, type JobResult, type JobState, type Json } from '../../src/jobs/job.js';
import { type AnswerContext, type JobContext, JobType } from '../../src/jobs/job-type.js';
import { JobTypes } from '../../src/jobs/job-types.js';
import { JobsService } from '../../src/jobs/jobs.service.js';
import { NotAcceptableError } from '../../src/predict/predict-errors.js';
import { whenGone } from '../../src/predict/when-gone.js';
import type { TestApp } from './test-app.js';

class NegativeError extends DomainError {
  readonly kind = 'invalid';
  readonly code = 'NEGATIVE';

  override get details(): Record<string, unknown> {
    return { least: 0 };
  }
}

interface SumRequest {
  readonly numbers: readonly number[];
  /** Waits, after the numbers, until the test opens it. */
  readonly gate?: string;
}

/** Adds up numbers: negative ones are refused, and a NaN (null) breaks it. The result is JSON, or CSV from a file. */
class SumJobType extends JobType {
  readonly name = 'sum';
  readonly concurrency = 2;

  constructor(private readonly gates: Gates) {
    super();
  }

  async run(request: Json, context: JobContext): Promise<JobResult> {
    const { job, signal, artifacts } = context;
    const { numbers, gate } = request as unknown as SumRequest;
    let sum = 0;
    for (const [index, number] of numbers.entries()) {
      if (number === null) throw new Error('a secret of the server');
      if (number < 0) throw new NegativeError(`${number} is negative, expected at least 0.`);
      sum += number;
      context.log(`${number} added`);
      context.progress(index + 1, numbers.length, 'adding');
    }
    if (gate !== undefined) await this.gates.wait(gate, signal);
    signal.throwIfAborted();
    const artifact = await artifacts.put(`jobs/${job.id}/sum.csv`, Readable.from([`sum\n`, `${sum}\n`]), {
      mediaType: 'text/csv',
    });
    return { value: { sum }, artifacts: [artifact] };
  }

  override async answer({ result }: Parameters<NonNullable<JobType['answer']>>[0], context: AnswerContext) {
    const format = negotiate(context.accept);
    if (format === 'csv' && result?.artifacts) {
      const [{ key, bytes }] = result.artifacts;
      const body = await context.artifacts.read(key);
      return { status: 200, headers: { 'Content-Type': 'text/csv' }, body, byteLength: bytes };
    }
    if (format !== 'json') throw new NotAcceptableError(context.accept ?? '');
    const headers = { 'Content-Type': 'application/json' };
    return { status: 200, headers, body: JSON.stringify(result?.value) };
  }
}

/** Where jobs wait for the test. */
export class Gates {
  readonly #gates = new Map<string, PromiseWithResolvers<void>>();

  open(name: string): void {
    this.#gate(name).resolve();
  }

  wait(name: string, signal: AbortSignal): Promise<void> {
    const stopped = Promise.withResolvers<never>();
    signal.addEventListener('abort', () => stopped.reject(signal.reason as Error));
    return Promise.race([this.#gate(name).promise, stopped.promise]);
  }

  #gate(name: string): PromiseWithResolvers<void> {
    const gate = this.#gates.get(name) ?? Promise.withResolvers<void>();
    this.#gates.set(name, gate);
    return gate;
  }
}

/** Gives an application the job type, and `POST /sum`, which makes such jobs as a feature would. */
export function addSumJobs(app: NestExpressApplication, gates: Gates): void {
  app.get(JobTypes).register(new SumJobType(gates));
  const jobs = app.get(JobsService);
  const submit = async (request: Request, response: Response): Promise<void> => {
    const options = jobs.options(request);
    const { job } = await jobs.submit('sum', request.body as Json, options);
    await sendAnswer(response, await jobs.acceptedAfterWait(job, options, whenGone(response)));
  };
  app.use('/sum', express.json(), (request: Request, response: Response, fail: (error: unknown) => void) => {
    submit(request, response).catch(fail);
  });
}

export interface JobBody {
  readonly id: string;
  readonly state: JobState;
  readonly [field: string]: unknown;
}

interface SumClient {
  submit(body: object, query?: object, headers?: Record<string, string>): Promise<Answered>;
  /** The id of a new job. */
  made(body: object, query?: object): Promise<string>;
  show(id: string): Promise<JobBody>;
  until(id: string, condition: (job: JobBody) => boolean): Promise<JobBody>;
  ended(id: string): Promise<JobBody>;
  /** When it has said how far it is. */
  running(id: string): Promise<JobBody>;
}

/** What a client does with such jobs. */
export function sumClient(app: TestApp): SumClient {
  const submit = async (
    body: object,
    query: object = {},
    headers: Record<string, string> = {},
  ): Promise<Answered> => app.request().post('/sum').query(query).set(headers).send(body);
  const made = async (body: object, query: object = {}): Promise<string> => {
    const response = await submit(body, query);
    expect(response.status, response.text).toBe(202);
    return (response.body as JobBody).id;
  };
  const show = async (id: string): Promise<JobBody> =>
    (await app.request().get(`/jobs/${id}`).expect(200)).body as JobBody;
  const until = async (id: string, condition: (job: JobBody) => boolean): Promise<JobBody> => {
    for (;;) {
      const job = await show(id);
      if (condition(job)) return job;
      await sleep(5);
    }
  };
  const ended = (id: string): Promise<JobBody> => until(id, ({ state }) => isTerminal(state));
  const running = (id: string): Promise<JobBody> =>
    until(id, ({ state, progress }) => state === 'running' && progress !== undefined);
  return { submit, made, show, until, ended, running };
}
