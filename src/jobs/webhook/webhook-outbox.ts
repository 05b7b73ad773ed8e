import { createHash } from 'node:crypto';
import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Config } from '../../common/config/config.js';
import { isTerminal, type Job, type NewJob } from '../job.js';
import { JobEngine } from '../job-engine.js';
import { newJobId } from '../job-id.js';
import { JobTypes } from '../job-types.js';
import { jobJson } from '../job.dto.js';
import { WebhookAccess } from './webhook-access.js';
import { WEBHOOK_ATTEMPTS, WEBHOOK_SECONDS, WEBHOOK_TYPE, type WebhookRequest } from './webhook.job-type.js';

const PAGE = 200;
const SWEEP_MS = 10 * 60_000;
const HOUR_MS = 3_600_000;
/** Of how many jobs it is remembered that nobody is to be told of them. */
const MOST_SILENT = 10_000;

/**
 * Makes a delivery for each job that has ended and has a webhook. Every process does so for all jobs it hears of, and
 * looks at the start and now and then for those that ended unheard: the idempotency key of a delivery, which names the job
 * and when it ended, makes one of them all.
 */
@Injectable()
export class WebhookOutbox implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(WebhookOutbox.name);
  readonly #silent = new Set<string>();
  #stop: (() => void) | undefined;

  constructor(
    private readonly engine: JobEngine,
    private readonly types: JobTypes,
    private readonly access: WebhookAccess,
    private readonly config: Config,
  ) {}

  onApplicationBootstrap(): void {
    if (!this.access.isOn) return;
    const ignore = this.engine.listen(({ job, type }) => {
      if (this.types.get(type)?.isPart === true || this.#silent.has(job)) return;
      this.#look(job).catch(this.#onError);
    });
    const sweep = (): void => void this.#sweep().catch(this.#onError);
    const timer = setInterval(sweep, SWEEP_MS).unref();
    sweep();
    this.#stop = () => {
      ignore();
      clearInterval(timer);
      this.#stop = undefined;
    };
  }

  onModuleDestroy(): void {
    this.#stop?.();
  }

  async #look(id: string): Promise<void> {
    const job = await this.engine.find(id);
    if (job?.webhook === undefined) {
      if (this.#silent.size >= MOST_SILENT) this.#silent.clear();
      this.#silent.add(id);
    } else if (isTerminal(job.state)) {
      await this.engine.create([delivery(job, job.webhook)]);
    }
  }

  /** Deliveries, also those that failed, are kept as long as `since` goes back: none is made again whose record is gone. */
  async #sweep(): Promise<void> {
    const { jobsRetentionHours, jobsRetentionFailedHours } = this.config;
    const since = Date.now() - Math.min(jobsRetentionHours, jobsRetentionFailedHours) * HOUR_MS;
    for (const state of ['succeeded', 'failed', 'cancelled'] as const) {
      let page: Job[];
      let before: string | undefined;
      do {
        page = await this.engine.list({ state, limit: PAGE, ...(before !== undefined && { before }) });
        const deliveries = page.flatMap((job) =>
          job.webhook !== undefined && (job.finishedAt?.getTime() ?? 0) > since
            ? [delivery(job, job.webhook)]
            : [],
        );
        if (deliveries.length > 0) await this.engine.create(deliveries);
        before = page.at(-1)?.id;
      } while (page.length === PAGE && this.#stop);
    }
  }

  /** A server that stops closes its store: what it could not do then, it does when it is started again. */
  readonly #onError = (error: unknown): void => {
    if (this.#stop) this.logger.error(error);
  };
}

function delivery(job: Job, url: string): NewJob {
  const request: WebhookRequest = { url, body: JSON.stringify(jobJson(job)) };
  const key = `webhook/${job.id}/${job.finishedAt?.getTime()}`;
  return {
    id: newJobId(),
    type: WEBHOOK_TYPE,
    request,
    priority: job.priority,
    maxAttempts: WEBHOOK_ATTEMPTS,
    timeLimitSeconds: WEBHOOK_SECONDS,
    idempotency: { key, digest: createHash('sha256').update(key).digest('hex') },
  };
}
