import { Injectable } from '@nestjs/common';
import { Config } from '../../common/config/config.js';
import type { JobResult, Json } from '../job.js';
import { type JobContext, JobType } from '../job-type.js';
import { JobTypes } from '../job-types.js';
import { WebhookAccess } from './webhook-access.js';
import { WebhookAttemptError, WebhookFailedError } from './webhook-errors.js';
import { signedHeaders } from './webhook-signature.js';

export const WEBHOOK_TYPE = 'webhook';
export const WEBHOOK_ATTEMPTS = 10;
/** From the first byte sent to the head of the answer; of its body nothing is read. */
const ANSWER_MS = 15_000;
/** Of an attempt: its own limit comes first. */
export const WEBHOOK_SECONDS = 30;

/** What a delivery is made of: fixed when the job ended, so that all attempts say the same. */
export type WebhookRequest = { readonly url: string; readonly body: string };

/** Tells somebody that a job has ended. A job itself, so that it outlives failures of either side. */
@Injectable()
export class WebhookJobType extends JobType {
  readonly name = WEBHOOK_TYPE;
  readonly concurrency = 8;
  override readonly isPart = true;

  constructor(
    types: JobTypes,
    private readonly config: Config,
    private readonly access: WebhookAccess,
  ) {
    super();
    types.register(this);
  }

  /** Throws WebhookFailedError where there is no use in trying again, WebhookAttemptError otherwise. */
  async run(request: Json, context: JobContext): Promise<JobResult> {
    const { job, signal } = context;
    const { url, body } = request as WebhookRequest;
    const { webhookSecret } = this.config;
    if (webhookSecret === undefined || this.access.refusal(url) !== undefined) {
      throw new WebhookFailedError('its host is not allowed any more');
    }
    const headers = {
      'Content-Type': 'application/json; charset=utf-8',
      'User-Agent': 'Kriged',
      ...signedHeaders(webhookSecret, job.id, new Date(), body),
    };
    const limit = AbortSignal.timeout(ANSWER_MS);
    const outcome = await post(url, headers, body, AbortSignal.any([signal, limit]));
    signal.throwIfAborted();
    if (typeof outcome === 'number' && outcome >= 200 && outcome < 300) return { value: { status: outcome } };
    const why = typeof outcome === 'number' ? `the receiver answered ${outcome}` : outcome;
    context.log(`Attempt ${job.attempt}: ${why}.`);
    // 410: the receiver wants no more of it.
    if (outcome === 410 || job.attempt >= job.maxAttempts) throw new WebhookFailedError(why);
    throw new WebhookAttemptError(why);
  }
}

/**
 * The status of the answer, or in words why there is none. A redirect is an answer like others: it could lead to a host
 * that is not allowed.
 */
async function post(
  url: string,
  headers: Record<string, string>,
  body: string,
  signal: AbortSignal,
): Promise<number | string> {
  try {
    const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal });
    await response.body?.cancel();
    return response.status;
  } catch (error) {
    if (signal.aborted) return `no answer within ${ANSWER_MS / 1000} seconds`;
    const { code } = ((error as Error).cause ?? {}) as NodeJS.ErrnoException;
    return `the receiver could not be reached${code === undefined ? '' : ` (${code})`}`;
  }
}
