import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { Database } from '../../database/database.js';
import type { Row, Session, Statement } from '../../database/session.js';
import { DatabaseUnavailableError } from '../../database/database-errors.js';
import { migrate } from '../../database/migrate.js';
import { unusable } from '../../database/unusable.js';
import { ClaimLostError, IdempotencyKeyReusedError, JobsUnavailableError } from '../engine-errors.js';
import {
  type Idempotency,
  isTerminal,
  type Job,
  type JobEvent,
  type JobFailure,
  type JobResult,
  type JobState,
  LOG_TAIL_LINES,
  type NewJob,
  type Progress,
} from '../job.js';
import { type Claim, type CreatedJob, type JobActivity, JobEngine, type JobFilter } from '../job-engine.js';
import { ActivityFeed } from './activity-feed.js';
import { Batch } from './batch.js';
import { type HeldClaim, HeldClaims } from './held-claims.js';
import { toColumns, toEvent, toJob, withoutNul } from './job-row.js';
import { JOB_MIGRATIONS } from './schema.js';
import * as sql from './statements.js';

/** After so long without a sign of its process, an attempt counts as dead. */
const LEASE_SECONDS = 10;
/** What jobs say of themselves is written as often. */
const REPORT_MS = 200;
/** How far ahead it looks for delayed jobs, and how often. */
const DUE_MS = 1000;
/** How often it looks for jobs whose creation nobody has told. */
const WAITING_MS = 5000;
/** How long a start waits for its database. */
const REACH_MS = 5000;
const REACH_AGAIN_MS = 500;

/** How an attempt ends. */
interface Outcome {
  readonly value?: JobResult | JobFailure;
  readonly retryAt?: Date;
}

interface Settlement {
  readonly token: string;
  /** In JSON. */
  readonly value: string | undefined;
  readonly retryAt: Date | undefined;
}

/**
 * Jobs in PostgreSQL, for any number of processes on any number of machines. A claim is a lease that its process renews;
 * what is not renewed is taken back by whoever looks first.
 */
export class PostgresJobEngine extends JobEngine {
  readonly name = 'postgres';
  private readonly logger = new Logger(PostgresJobEngine.name);
  readonly #feed: ActivityFeed;
  readonly #claims = new HeldClaims();
  readonly #creations = new Batch<NewJob, CreatedJob | Error>((jobs) => createJobs(this.database, jobs));
  readonly #settlements = new Map<Statement, Batch<Settlement, boolean>>();
  /** Types that this process runs. */
  readonly #types = new Set<string>();
  readonly #timers: NodeJS.Timeout[] = [];
  #reportTimer: NodeJS.Timeout | undefined;

  constructor(
    private readonly database: Database,
    private readonly leaseSeconds = LEASE_SECONDS,
  ) {
    super();
    this.#feed = new ActivityFeed(database.notifications);
  }

  /** Throws ConfigError where the database is not to be used. */
  async open(): Promise<void> {
    try {
      await this.#reach();
      await migrate(this.database, JOB_MIGRATIONS);
      await this.#feed.open(
        (activities) => this.#lookAtHeld(activities),
        (since) => void this.#quietly(() => this.#catchUp(since)),
      );
    } catch (error) {
      throw unusable(error);
    }
    await this.#takeBack();
    this.#every(this.leaseSeconds * 200, () => this.#keep());
    this.#every(this.leaseSeconds * 200, () => this.#takeBack());
    this.#every(DUE_MS, () => this.#lookAhead());
    this.#every(WAITING_MS, () => this.#lookForWaiting());
  }

  /** The database may start together with this process. */
  async #reach(): Promise<void> {
    for (const end = Date.now() + REACH_MS; ; await sleep(REACH_AGAIN_MS)) {
      try {
        return void (await this.database.query(sql.PING));
      } catch (error) {
        if (!(error instanceof DatabaseUnavailableError) || Date.now() > end) throw error;
      }
    }
  }

  /** What it still runs is taken back by another process, as if this one had died. Closes the database, too. */
  async close(): Promise<void> {
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
    clearTimeout(this.#reportTimer);
    for (const held of this.#claims.all) held.controller.abort(new ClaimLostError());
    await this.#feed.close();
    await this.database.close();
  }

  async create(jobs: readonly NewJob[]): Promise<CreatedJob[]> {
    if (jobs.length === 0) return [];
    const created =
      jobs.length === 1
        ? [await this.#ask(() => this.#creations.ask(jobs[0]))]
        : await this.#ask(() =>
            this.database.transaction(async (session) => (await createJobs(session, jobs)).map(thrown)),
          );
    const outcomes = created.map(thrown);
    const made = outcomes.filter(({ isNew }) => isNew).map(({ job }) => job);
    this.#feed.publish(made.map(toActivity));
    for (const job of made) if (job.startAfter) this.#tellWhenDue(job, job.startAfter);
    return outcomes;
  }

  async find(id: string): Promise<Job | undefined> {
    const [row] = await this.#query(sql.FIND, [id]);
    return row && toJob(row);
  }

  async list({ state, type, parent, before, limit }: JobFilter): Promise<Job[]> {
    const values = [limit, state ?? null, type ?? null, before ?? null];
    const rows =
      parent === undefined
        ? await this.#query(sql.LIST, values)
        : await this.#query(sql.LIST_PARTS, [...values, parent]);
    return rows.map(toJob);
  }

  async counts(): Promise<readonly { type: string; state: JobState; count: number }[]> {
    return (await this.#query(sql.COUNTS)) as { type: string; state: JobState; count: number }[];
  }

  async cancel(id: string): Promise<Job | undefined> {
    const changed = await this.#change(sql.CANCEL, [[id]]);
    const row = changed.find((each) => each['id'] === id);
    return row ? toJob(row) : this.find(id);
  }

  async retry(id: string): Promise<Job | undefined> {
    const [row] = await this.#change(sql.RETRY, [id]);
    return row && toJob(row);
  }

  async prune(endedBefore: { succeeded: Date; failed: Date }, limit: number): Promise<string[]> {
    const rows = await this.#query(sql.PRUNE, [endedBefore.succeeded, endedBefore.failed, limit]);
    return rows.map((row) => row['id'] as string);
  }

  async claim(type: string, count: number): Promise<Claim[]> {
    this.#types.add(type);
    if (count < 1) return [];
    const rows = await this.#query(sql.CLAIM, [type, count, this.leaseSeconds]);
    const claims = rows.map((row) => this.#claims.add(row['claim'] as string, toJob(row)));
    this.#feed.publish(claims.map(({ job }) => toActivity(job)));
    return claims;
  }

  async report(
    claim: Claim,
    { progress, log = [] }: { progress?: Progress; log?: readonly string[] },
  ): Promise<void> {
    const held = this.#claims.get(claim);
    if (!held) return;
    if (progress) held.progress = progress;
    held.lines.push(...log.map(withoutNul));
    this.#reportTimer ??= setTimeout(() => {
      this.#reportTimer = undefined;
      for (const each of this.#claims.all) void this.#quietly(() => this.#writeReport(each));
    }, REPORT_MS).unref();
  }

  succeed(claim: Claim, result: JobResult): Promise<boolean> {
    return this.#settle(claim, sql.SUCCEED, { value: result });
  }

  fail(claim: Claim, failure: JobFailure, retryAt?: Date): Promise<boolean> {
    return this.#settle(claim, sql.FAIL, { value: failure, ...(retryAt && { retryAt }) });
  }

  stopped(claim: Claim): Promise<boolean> {
    return this.#settle(claim, sql.STOP);
  }

  giveBack(claim: Claim): Promise<boolean> {
    return this.#settle(claim, sql.GIVE_BACK);
  }

  async events(id: string, after: number): Promise<JobEvent[]> {
    return (await this.#query(sql.EVENTS, [id, after])).map(toEvent);
  }

  listen(listener: (activity: JobActivity) => void): () => void {
    return this.#feed.add(listener);
  }

  async #query(statement: Statement, values: readonly unknown[] = []): Promise<Row[]> {
    return this.#ask(() => this.database.query(statement, values));
  }

  async #ask<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    try {
      return await work();
    } catch (error) {
      throw error instanceof DatabaseUnavailableError ? new JobsUnavailableError(error.cause) : error;
    }
  }

  /** Runs a statement that changes states, and tells everybody. */
  async #change(statement: Statement, values: readonly unknown[]): Promise<Row[]> {
    const rows = await this.#query(statement, values);
    const jobs = rows.map(toJob);
    const activities = jobs.map(toActivity);
    this.#feed.publish(activities);
    this.#lookAtHeld(activities);
    for (const job of jobs)
      if (job.state === 'queued' && job.startAfter) this.#tellWhenDue(job, job.startAfter);
    return rows;
  }

  /** Where the database has not heard of it, the claim is held on to, and its lease renewed: it can be settled again. */
  async #settle(claim: Claim, statement: Statement, outcome: Outcome = {}): Promise<boolean> {
    const held = this.#claims.get(claim);
    if (!held || held.isSettling) return false;
    // Before others wait for the same statement: it throws for what is no JSON.
    const value = outcome.value && JSON.stringify(outcome.value);
    const settlement = { token: held.token, value, retryAt: outcome.retryAt };
    held.isSettling = true;
    try {
      await this.#writeReport(held);
      const isCurrent = await this.#batch(statement).ask(settlement);
      this.#claims.letGo(claim);
      return isCurrent;
    } finally {
      held.isSettling = false;
    }
  }

  #batch(statement: Statement): Batch<Settlement, boolean> {
    let batch = this.#settlements.get(statement);
    if (!batch) {
      batch = new Batch(async (settlements) => {
        const rows = await this.#change(statement, [
          settlements.map(({ token }) => token),
          settlements.map(({ value }) => value),
          settlements.map(({ retryAt }) => retryAt),
        ]);
        const settled = new Set(rows.map((row) => row['token']));
        return settlements.map(({ token }) => settled.has(token));
      });
      this.#settlements.set(statement, batch);
    }
    return batch;
  }

  /** One report of a claim after another: the end of an attempt comes after what it said. */
  async #writeReport(held: HeldClaim): Promise<void> {
    held.writing = held.writing.catch(() => undefined).then(() => this.#writeNow(held));
    await held.writing;
  }

  async #writeNow(held: HeldClaim): Promise<void> {
    const { progress, lines } = held;
    if (!progress && lines.length === 0) return;
    held.progress = undefined;
    held.lines = [];
    const log = [...held.log, ...lines].slice(-LOG_TAIL_LINES);
    const events = [
      ...(progress ? [{ type: 'progress', data: JSON.stringify(progress) }] : []),
      ...(lines.length > 0
        ? [{ type: 'log', data: JSON.stringify({ lines: lines.slice(-LOG_TAIL_LINES) }) }]
        : []),
    ];
    const values = [
      held.token,
      progress ? JSON.stringify(progress) : null,
      lines.length > 0 ? JSON.stringify(log) : null,
      events.map(({ type }) => type),
      events.map(({ data }) => data),
      LOG_TAIL_LINES,
    ];
    try {
      await this.#query(sql.REPORT, values);
    } catch (error) {
      if (error instanceof JobsUnavailableError) {
        // It is written with what comes next.
        held.progress ??= progress;
        held.lines = [...lines, ...held.lines].slice(-LOG_TAIL_LINES);
      }
      throw error;
    }
    held.log = log;
    this.#feed.publish([toActivity(held.claim.job)]);
  }

  /** Renews the leases, and hears who must stop. */
  async #keep(): Promise<void> {
    const asked = this.#claims.tokens;
    if (asked.length === 0) return;
    const rows = await this.#query(sql.KEEP, [asked, this.leaseSeconds]);
    this.#claims.update(
      asked,
      new Map(rows.map((row) => [row['claim'] as string, row['cancel_requested'] as boolean])),
    );
  }

  /** Somebody may have cancelled what this process runs. */
  #lookAtHeld(activities: readonly JobActivity[]): void {
    if (activities.some(({ job }) => this.#claims.has(job))) void this.#quietly(() => this.#keep());
  }

  async #takeBack(): Promise<void> {
    const rows = await this.#change(sql.TAKE_BACK, sql.takeBackValues(this.leaseSeconds));
    const ended = rows.filter((row) => isTerminal(row['state'] as JobState)).map((row) => row['id']);
    if (ended.length > 0) await this.#change(sql.CANCEL, [ended]);
  }

  async #lookAhead(): Promise<void> {
    for (const row of await this.#query(sql.DUE, [DUE_MS])) {
      this.#tellWhenDue(
        { id: row['id'] as string, type: row['type'] as string },
        new Date(Date.now() + Number(row['wait'])),
      );
    }
  }

  #tellWhenDue(job: Pick<Job, 'id' | 'type'>, due: Date): void {
    const wait = due.getTime() - Date.now();
    if (wait > 0 && wait <= 2 * DUE_MS)
      setTimeout(() => this.#feed.hint([toActivity(job)]), wait + 1).unref();
  }

  async #lookForWaiting(): Promise<void> {
    if (this.#types.size === 0) return;
    const rows = await this.#query(sql.WAITING, [[...this.#types]]);
    this.#feed.hint(rows.map((row) => toActivity(row as unknown as Job)));
  }

  async #catchUp(since: Date): Promise<void> {
    this.logger.log('The database is reached again.');
    await this.#keep();
    const rows = await this.#query(sql.RECENT, [since]);
    this.#feed.hint(rows.map((row) => toActivity(row as unknown as Job)));
  }

  #every(milliseconds: number, work: () => Promise<void>): void {
    let running = false;
    const timer = setInterval(() => {
      if (running) return;
      running = true;
      void this.#quietly(work).finally(() => (running = false));
    }, milliseconds);
    this.#timers.push(timer.unref());
  }

  /** A database that is not reached is no news each time. */
  async #quietly(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof JobsUnavailableError)) this.logger.error(error);
    }
  }
}

/** What becomes of each: not an error of one alone is an error of the others. */
async function createJobs(session: Session, jobs: readonly NewJob[]): Promise<(CreatedJob | Error)[]> {
  const rows = await session.query(sql.CREATE, toColumns(jobs));
  const made = new Map(rows.map((row) => [row['id'] as string, toJob(row)]));
  const keys = jobs.filter(({ id }) => !made.has(id)).map(({ idempotency }) => keyOf(idempotency));
  const known = new Map<unknown, Row>();
  if (keys.length > 0) {
    for (const row of await session.query(sql.FIND_BY_KEY, [keys])) known.set(row['idempotency_key'], row);
  }
  return jobs.map(({ id, idempotency }) => {
    const job = made.get(id);
    if (job) return { job, isNew: true };
    const row = known.get(keyOf(idempotency));
    // It was removed between the two statements.
    if (!row) return new JobsUnavailableError(undefined);
    if (row['idempotency_digest'] !== idempotency?.digest) return new IdempotencyKeyReusedError();
    return { job: toJob(row), isNew: false };
  });
}

function keyOf(idempotency: Idempotency | undefined): string {
  return withoutNul(idempotency?.key ?? '');
}

function thrown<Value>(outcome: Value | Error): Value {
  if (outcome instanceof Error) throw outcome;
  return outcome;
}

function toActivity({ id, type }: Pick<Job, 'id' | 'type'>): JobActivity {
  return { job: id, type };
}
