import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { ATTEMPTS_LOST, IdempotencyKeyReusedError } from '../engine-errors.js';
import {
  isTerminal,
  type Job,
  type JobEvent,
  type JobFailure,
  type JobResult,
  type JobState,
  type Json,
  LOG_TAIL_LINES,
  type NewJob,
  type Progress,
} from '../job.js';
import type { CreatedJob, JobActivity, JobFilter } from '../job-engine.js';
import { type EventRow, type JobRow, toEvent, toJob } from './job-row.js';

/** What tells one claim of a job from the next. */
export interface ClaimKey {
  readonly id: string;
  readonly claims: number;
}

/**
 * The states of jobs and how they follow each other, in SQL. What changes something is called within a transaction, and
 * `touched` collects the jobs it changed.
 */
export class JobStore {
  readonly #statements = new Map<string, StatementSync>();
  touched = new Map<string, JobActivity>();

  constructor(private readonly database: DatabaseSync) {}

  create(jobs: readonly NewJob[]): CreatedJob[] {
    return jobs.map((job) => {
      const known = job.idempotency && this.#row('idempotency_key = ?', job.idempotency.key);
      if (known) {
        if (known.digest !== job.idempotency?.digest) throw new IdempotencyKeyReusedError();
        return { job: toJob(known), isNew: false };
      }
      return { job: toJob(this.#insert(job)), isNew: true };
    });
  }

  #insert(job: NewJob): JobRow {
    const now = Date.now();
    const startAfter = job.startAfter?.getTime() ?? null;
    const row = this.#get(
      `INSERT INTO jobs (id, type, parent, state, request, requested_by, webhook, priority, created_at, start_after,
        delayed, max_attempts, time_limit, idempotency_key, digest, last_event)
       VALUES (?, ?, ?, 'queued', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1) RETURNING *`,
      job.id,
      job.type,
      job.parent ?? null,
      JSON.stringify(job.request),
      job.requestedBy ?? null,
      job.webhook ?? null,
      job.priority,
      now,
      startAfter,
      startAfter !== null && startAfter > now ? 1 : 0,
      job.maxAttempts,
      job.timeLimitSeconds,
      job.idempotency?.key ?? null,
      job.idempotency?.digest ?? null,
    ) as JobRow;
    this.#changed(row);
    return this.#isInVain(row) ? this.#end(row, 'cancelled') : row;
  }

  /** Of a part: its job has ended, or is told to stop. An attempt that has lost its claim may still ask for parts. */
  #isInVain({ parent: id }: JobRow): boolean {
    const parent = id === null ? undefined : this.#row('id = ?', id);
    return parent !== undefined && (isTerminal(parent.state) || parent.cancel_requested === 1);
  }

  find(id: string): Job | undefined {
    const row = this.#row('id = ?', id);
    return row && toJob(row);
  }

  list({ state, type, parent, before, limit }: JobFilter): Job[] {
    const conditions: [string, SQLInputValue][] = [];
    if (state !== undefined) conditions.push(['state = ?', state]);
    if (type !== undefined) conditions.push(['type = ?', type]);
    if (parent !== undefined) conditions.push(['parent = ?', parent]);
    if (before !== undefined) {
      // By its id where it has been removed since.
      conditions.push([
        `seq < coalesce((SELECT seq FROM jobs WHERE id = ?1), (SELECT max(seq) + 1 FROM jobs WHERE id < ?1), 0)`,
        before,
      ]);
      // The only numbered parameter comes first.
      conditions.unshift(conditions.pop()!);
    }
    const where = [...conditions.map(([sql]) => sql), ...(parent === undefined ? ['parent IS NULL'] : [])];
    const values = conditions.map(([, value]) => value);
    return this.#all<JobRow>(
      `SELECT * FROM jobs WHERE ${where.join(' AND ')} ORDER BY seq DESC LIMIT ?`,
      ...values,
      limit,
    ).map(toJob);
  }

  counts(): { type: string; state: JobState; count: number }[] {
    return this.#all<{ type: string; state: JobState; count: number }>(
      'SELECT type, state, count(*) AS count FROM jobs GROUP BY type, state',
    ).map((row) => ({ ...row }));
  }

  cancel(id: string): Job | undefined {
    const row = this.#row('id = ?', id);
    return row && toJob(this.#cancel(row));
  }

  #cancel(row: JobRow): JobRow {
    if (isTerminal(row.state)) return row;
    if (row.state === 'queued') return this.#end(row, 'cancelled');
    if (row.cancel_requested === 1) return row;
    const told = this.#update(row, 'cancel_requested = 1');
    this.#changed(told);
    this.#cancelParts(row);
    return told;
  }

  #cancelParts({ id }: JobRow): void {
    const parts = this.#all<JobRow>(
      `SELECT * FROM jobs WHERE parent = ? AND state IN ('queued', 'running')`,
      id,
    );
    for (const part of parts) this.#cancel(part);
  }

  retry(id: string): Job | undefined {
    const row = this.#row('id = ?', id);
    if ((row?.state !== 'failed' && row?.state !== 'cancelled') || this.#isInVain(row)) return undefined;
    const queued = this.#update(
      row,
      `state = 'queued', attempt = 0, cancel_requested = 0, start_after = NULL, started_at = NULL,
       finished_at = NULL, progress = NULL, failure = NULL`,
    );
    this.#changed(queued);
    return toJob(queued);
  }

  prune({ succeeded, failed }: { succeeded: Date; failed: Date }, limit: number): string[] {
    const ended = `SELECT * FROM jobs WHERE finished_at IS NOT NULL AND parent IS NULL`;
    const rows = [
      ...this.#all<JobRow>(
        `${ended} AND state = 'succeeded' AND finished_at < ? LIMIT ?`,
        succeeded.getTime(),
        limit,
      ),
      ...this.#all<JobRow>(
        `${ended} AND state IN ('failed', 'cancelled') AND finished_at < ? LIMIT ?`,
        failed.getTime(),
        limit,
      ),
    ].slice(0, limit);
    for (const row of rows) this.#remove(row);
    return rows.map(({ id }) => id);
  }

  #remove({ seq, id }: JobRow): void {
    for (const part of this.#all<JobRow>('SELECT * FROM jobs WHERE parent = ?', id)) this.#remove(part);
    this.#run('DELETE FROM events WHERE job = ?', seq);
    this.#run('DELETE FROM jobs WHERE seq = ?', seq);
  }

  /** Whether a claim would find something, or a delayed job's time has come: asked without a transaction. */
  isWaiting(type: string): boolean {
    return (
      this.#get(`SELECT 1 FROM jobs WHERE state = 'queued' AND delayed = 0 AND type = ? LIMIT 1`, type) !==
        undefined || (this.nextDue() ?? Infinity) <= Date.now()
    );
  }

  /** When the next delayed job is due, in milliseconds since 1970. */
  nextDue(): number | undefined {
    const row = this.#get('SELECT min(start_after) AS due FROM jobs WHERE delayed = 1') as {
      due: number | null;
    };
    return row.due ?? undefined;
  }

  /** Those whose time has come wait for a claim now. */
  wakeDelayed(): void {
    const due = this.#all<JobRow>('SELECT * FROM jobs WHERE delayed = 1 AND start_after <= ?', Date.now());
    for (const row of due) {
      this.#run('UPDATE jobs SET delayed = 0 WHERE seq = ?', row.seq);
      this.touched.set(row.id, { job: row.id, type: row.type });
    }
  }

  claim(type: string, count: number, owner: string): { job: Job; key: ClaimKey }[] {
    this.wakeDelayed();
    const rows = this.#all<JobRow>(
      `SELECT * FROM jobs WHERE state = 'queued' AND delayed = 0 AND type = ? ORDER BY priority DESC, seq LIMIT ?`,
      type,
      count,
    );
    return rows.map((row) => {
      const claimed = this.#update(
        row,
        `state = 'running', attempt = attempt + 1, claims = claims + 1, owner = ?, started_at = ?, progress = NULL`,
        owner,
        Date.now(),
      );
      this.#changed(claimed);
      return { job: toJob(claimed), key: { id: claimed.id, claims: claimed.claims } };
    });
  }

  report(key: ClaimKey, { progress, log }: { progress: Progress | undefined; log: readonly string[] }): void {
    const row = this.#claimed(key);
    if (!row) return;
    if (progress) {
      const updated = this.#update(row, 'progress = ?', JSON.stringify(progress));
      // Only the latest is worth keeping.
      this.#run(`DELETE FROM events WHERE job = ? AND type = 'progress'`, row.seq);
      this.#event(updated, 'progress', { ...progress });
    }
    if (log.length > 0) {
      const tail = [...(JSON.parse(row.log) as string[]), ...log].slice(-LOG_TAIL_LINES);
      const updated = this.#update(row, 'log = ?', JSON.stringify(tail));
      this.#event(updated, 'log', { lines: log.slice(-LOG_TAIL_LINES) });
      this.#run(
        `DELETE FROM events WHERE job = ?1 AND type = 'log' AND id <=
          (SELECT id FROM events WHERE job = ?1 AND type = 'log' ORDER BY id DESC LIMIT 1 OFFSET ${LOG_TAIL_LINES})`,
        row.seq,
      );
    }
  }

  succeed(key: ClaimKey, result: JobResult): boolean {
    const row = this.#claimed(key);
    if (row) this.#end(row, 'succeeded', { result });
    return row !== undefined;
  }

  fail(key: ClaimKey, failure: JobFailure, retryAt: Date | undefined): boolean {
    const row = this.#claimed(key);
    if (!row) return false;
    if (retryAt === undefined) this.#end(row, 'failed', { failure });
    else if (row.cancel_requested === 1) this.#end(row, 'cancelled', { failure });
    else {
      const isAhead = retryAt.getTime() > Date.now();
      const queued = this.#update(
        row,
        `state = 'queued', owner = NULL, failure = ?, start_after = ?, delayed = ?`,
        JSON.stringify(failure),
        retryAt.getTime(),
        isAhead ? 1 : 0,
      );
      this.#changed(queued);
    }
    return true;
  }

  stopped(key: ClaimKey): boolean {
    const row = this.#claimed(key);
    if (row) this.#end(row, 'cancelled');
    return row !== undefined;
  }

  giveBack(key: ClaimKey): boolean {
    const row = this.#claimed(key);
    if (!row) return false;
    if (row.cancel_requested === 1) this.#end(row, 'cancelled');
    else
      this.#changed(
        this.#update(row, `state = 'queued', owner = NULL, attempt = attempt - 1, progress = NULL`),
      );
    return true;
  }

  /** Takes back what a dead owner ran. */
  takeBack(owner: string): void {
    for (const row of this.#all<JobRow>(`SELECT * FROM jobs WHERE state = 'running' AND owner = ?`, owner)) {
      if (row.cancel_requested === 1) this.#end(row, 'cancelled');
      else if (row.attempt >= row.max_attempts) this.#end(row, 'failed', { failure: ATTEMPTS_LOST });
      else this.#changed(this.#update(row, `state = 'queued', owner = NULL, progress = NULL`));
    }
  }

  /** Who else runs jobs. */
  otherOwners(owner: string): string[] {
    return this.#all<{ owner: string }>(
      `SELECT DISTINCT owner FROM jobs WHERE state = 'running' AND owner <> ?`,
      owner,
    ).map((row) => row.owner);
  }

  /** What a claim must know of its job: undefined where the claim is not current any more. */
  isCancelRequested({ id, claims }: ClaimKey): boolean | undefined {
    const row = this.#claimed({ id, claims });
    return row === undefined ? undefined : row.cancel_requested === 1;
  }

  events(id: string, after: number): JobEvent[] {
    return this.#all<EventRow>(
      'SELECT id, at, type, data FROM events WHERE job = (SELECT seq FROM jobs WHERE id = ?) AND id > ? ORDER BY id',
      id,
      after,
    ).map(toEvent);
  }

  /** The jobs that something has happened to after an event. */
  changedAfter(event: number): JobActivity[] {
    return this.#all<JobActivity>(
      `SELECT DISTINCT jobs.id AS job, jobs.type AS type FROM events JOIN jobs ON jobs.seq = events.job
       WHERE events.seq > ?`,
      event,
    );
  }

  latestEvent(): number {
    const row = this.#get('SELECT max(seq) AS seq FROM events') as { seq: number | null };
    return row.seq ?? 0;
  }

  /** Where a job ends; what its parts still would do is in vain. */
  #end(row: JobRow, state: JobState, with_: { result?: JobResult; failure?: JobFailure } = {}): JobRow {
    const ended = this.#update(
      row,
      `state = ?, finished_at = ?, owner = NULL, delayed = 0, result = ?, failure = coalesce(?, failure),
       cancel_requested = max(cancel_requested, ?)`,
      state,
      Date.now(),
      with_.result === undefined ? null : JSON.stringify(with_.result),
      with_.failure === undefined ? null : JSON.stringify(with_.failure),
      state === 'cancelled' ? 1 : 0,
    );
    this.#changed(ended);
    this.#cancelParts(row);
    return ended;
  }

  #changed(row: JobRow): void {
    const failure = row.failure === null ? undefined : (JSON.parse(row.failure) as Json);
    this.#event(row, 'state', {
      state: row.state,
      attempt: row.attempt,
      ...(row.cancel_requested === 1 && row.state === 'running' && { cancelRequested: true }),
      ...(failure !== undefined && row.state !== 'running' && { failure }),
    });
  }

  #event(row: JobRow, type: JobEvent['type'], data: JobEvent['data']): void {
    this.#run(
      'INSERT INTO events (job, id, at, type, data) VALUES (?, ?, ?, ?, ?)',
      row.seq,
      row.last_event,
      Date.now(),
      type,
      JSON.stringify(data),
    );
    this.touched.set(row.id, { job: row.id, type: row.type });
  }

  #claimed({ id, claims }: ClaimKey): JobRow | undefined {
    return this.#row(`state = 'running' AND id = ? AND claims = ?`, id, claims);
  }

  #row(where: string, ...values: SQLInputValue[]): JobRow | undefined {
    return this.#get(`SELECT * FROM jobs WHERE ${where}`, ...values) as JobRow | undefined;
  }

  /** Each update is an event, which takes the number that this gives. */
  #update(row: JobRow, set: string, ...values: SQLInputValue[]): JobRow {
    const sql = `UPDATE jobs SET ${set}, last_event = last_event + 1 WHERE seq = ? RETURNING *`;
    return this.#get(sql, ...values, row.seq) as JobRow;
  }

  #get(sql: string, ...values: SQLInputValue[]): unknown {
    return this.#prepared(sql).get(...values);
  }

  #all<Row>(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#prepared(sql).all(...values) as Row[];
  }

  #run(sql: string, ...values: SQLInputValue[]): void {
    this.#prepared(sql).run(...values);
  }

  /** The texts are few: each is compiled once. */
  #prepared(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) this.#statements.set(sql, (statement = this.database.prepare(sql)));
    return statement;
  }
}
