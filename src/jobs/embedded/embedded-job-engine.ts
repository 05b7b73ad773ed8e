import type { DatabaseSync } from 'node:sqlite';
import { Logger } from '@nestjs/common';
import { ClaimLostError, JobCancelledError, JobsUnavailableError } from '../engine-errors.js';
import {
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
import { openDatabase, unusable } from './database.js';
import { GroupCommit } from './group-commit.js';
import { type ClaimKey, JobStore } from './job-store.js';
import { Owner } from './owners.js';

/** How often it looks for what other processes have done. */
const WATCH_MS = 100;
/** How often it looks for processes that have died. */
const TAKE_BACK_MS = 1000;
/** What jobs say of themselves is written as often. */
const REPORT_MS = 300;
/** After a change that could not be written. */
const RETRY_MS = 1000;
/** The longest that a timer can wait. */
const LONGEST_MS = 2 ** 31 - 1;

interface Report {
  readonly progress: Progress | undefined;
  readonly log: readonly string[];
}

/** A claim of this engine, and what its attempt has said since that was last written. */
class HeldClaim implements Claim {
  readonly controller = new AbortController();
  readonly signal = this.controller.signal;
  progress: Progress | undefined;
  log: string[] = [];
  /** Its end is being written. */
  isSettling = false;

  constructor(
    readonly job: Job,
    readonly key: ClaimKey,
  ) {}

  takeReport(): Report {
    const { progress, log } = this;
    this.progress = undefined;
    this.log = [];
    return { progress, log };
  }

  /** It could not be written. What has been said since comes after it. */
  untake({ progress, log }: Report): void {
    this.progress ??= progress;
    this.log = [...log, ...this.log].slice(-LOG_TAIL_LINES);
  }
}

interface Opened {
  readonly database: DatabaseSync;
  readonly store: JobStore;
  readonly commits: GroupCommit;
  readonly owner: Owner;
}

/**
 * Jobs in an SQLite database in DATA_DIR: nothing to install, and every change is on disk before it is answered. The
 * processes of one server (PROCESSES) share it.
 */
export class EmbeddedJobEngine extends JobEngine {
  readonly name = 'embedded';
  private readonly logger = new Logger(EmbeddedJobEngine.name);
  readonly #listeners = new Set<(activity: JobActivity) => void>();
  readonly #claims = new Map<string, HeldClaim>();
  readonly #timers: NodeJS.Timeout[] = [];
  #opened: Opened | undefined;
  #dataVersion = 0;
  #seenEvent = 0;
  #writtenEvent = 0;
  #reportTimer: NodeJS.Timeout | undefined;
  #dueTimer: NodeJS.Timeout | undefined;
  #takingBack: Promise<void> | undefined;

  constructor(private readonly folder: string) {
    super();
  }

  async open(): Promise<void> {
    const database = await openDatabase(this.folder);
    const owner = await Owner.join(this.folder).catch((error: unknown) => {
      database.close();
      throw unusable(this.folder, error);
    });
    const store = new JobStore(database);
    const commits = new GroupCommit(database, {
      begin: () => this.#readForeign(),
      end: () => (this.#writtenEvent = store.latestEvent()),
      committed: () => this.#committed(),
      failed: (error) => {
        store.touched.clear();
        this.logger.error(error);
      },
    });
    this.#opened = { database, store, commits, owner };
    this.#seenEvent = store.latestEvent();
    this.#dataVersion = this.#readDataVersion();
    await this.#takeBack();
    await owner.buryForgotten(new Set(store.otherOwners(owner.name)));
    this.#timers.push(
      setInterval(() => this.#watch(), WATCH_MS).unref(),
      setInterval(() => void this.#takeBackQuietly(), TAKE_BACK_MS).unref(),
    );
    this.#setDueTimer();
  }

  /** What it still runs is taken back by whoever opens the folder next, as if this process had died. */
  async close(): Promise<void> {
    const opened = this.#opened;
    if (!opened) return;
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
    clearTimeout(this.#dueTimer);
    clearTimeout(this.#reportTimer);
    await this.#takingBack;
    opened.commits.flush();
    this.#opened = undefined;
    for (const claim of this.#claims.values()) claim.controller.abort(new ClaimLostError());
    this.#claims.clear();
    opened.database.close();
    await opened.owner.leave();
  }

  create(jobs: readonly NewJob[]): Promise<CreatedJob[]> {
    return this.#change((store) => store.create(jobs));
  }

  async find(id: string): Promise<Job | undefined> {
    return this.#store.find(id);
  }

  async list(filter: JobFilter): Promise<Job[]> {
    return this.#store.list(filter);
  }

  async counts(): Promise<readonly { type: string; state: JobState; count: number }[]> {
    return this.#store.counts();
  }

  cancel(id: string): Promise<Job | undefined> {
    return this.#change((store) => store.cancel(id));
  }

  retry(id: string): Promise<Job | undefined> {
    return this.#change((store) => store.retry(id));
  }

  prune(endedBefore: { succeeded: Date; failed: Date }, limit: number): Promise<string[]> {
    return this.#change((store) => store.prune(endedBefore, limit));
  }

  async claim(type: string, count: number): Promise<Claim[]> {
    if (count < 1 || !this.#store.isWaiting(type)) return [];
    const { owner } = this.#open;
    const claimed = await this.#change((store) => store.claim(type, count, owner.name));
    return claimed.map(({ job, key }) => {
      const claim = new HeldClaim(job, key);
      this.#claims.set(job.id, claim);
      // It may have been cancelled in the transaction that claimed it.
      this.#lookAt(claim);
      return claim;
    });
  }

  async report(claim: Claim, what: { progress?: Progress; log?: readonly string[] }): Promise<void> {
    const held = this.#held(claim);
    if (!held) return;
    if (what.progress) held.progress = what.progress;
    held.log.push(...(what.log ?? []));
    this.#reportTimer ??= setTimeout(() => void this.#writeReports(), REPORT_MS).unref();
  }

  succeed(claim: Claim, result: JobResult): Promise<boolean> {
    return this.#settle(claim, (store, key) => store.succeed(key, result));
  }

  fail(claim: Claim, failure: JobFailure, retryAt?: Date): Promise<boolean> {
    return this.#settle(claim, (store, key) => store.fail(key, failure, retryAt));
  }

  stopped(claim: Claim): Promise<boolean> {
    return this.#settle(claim, (store, key) => store.stopped(key));
  }

  giveBack(claim: Claim): Promise<boolean> {
    return this.#settle(claim, (store, key) => store.giveBack(key));
  }

  async events(id: string, after: number): Promise<JobEvent[]> {
    return this.#store.events(id, after);
  }

  listen(listener: (activity: JobActivity) => void): () => void {
    // A listener may be given twice, and then stops being told once at a time.
    const own = (activity: JobActivity): void => listener(activity);
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  get #open(): Opened {
    if (!this.#opened) throw new Error('The job engine is not open.');
    return this.#opened;
  }

  get #store(): JobStore {
    return this.#open.store;
  }

  async #change<T>(make: (store: JobStore) => T, isLasting = true): Promise<T> {
    const { commits, store } = this.#open;
    return commits.change(() => make(store), isLasting);
  }

  async #settle(claim: Claim, settle: (store: JobStore, key: ClaimKey) => boolean): Promise<boolean> {
    const held = this.#held(claim);
    if (!held) return false;
    held.isSettling = true;
    try {
      const isCurrent = await this.#change((store) => {
        store.report(held.key, held);
        return settle(store, held.key);
      });
      if (this.#held(claim)) this.#claims.delete(claim.job.id);
      return isCurrent;
    } finally {
      held.isSettling = false;
    }
  }

  #held(claim: Claim): HeldClaim | undefined {
    const held = this.#claims.get(claim.job.id);
    return held === claim ? held : undefined;
  }

  async #writeReports(): Promise<void> {
    this.#reportTimer = undefined;
    const reports = [...this.#claims.values()]
      // The end of an attempt is written with what it said last.
      .filter(({ progress, log, isSettling }) => !isSettling && (progress !== undefined || log.length > 0))
      .map((claim) => ({ claim, said: claim.takeReport() }));
    if (reports.length === 0) return;
    try {
      await this.#change((store) => {
        for (const { claim, said } of reports) store.report(claim.key, said);
      }, false);
    } catch (error) {
      // It has been logged, and is written with what comes next.
      if (error instanceof JobsUnavailableError) for (const { claim, said } of reports) claim.untake(said);
    }
  }

  /** Told within a transaction: what others have done lies before it, what it does itself is told at its end. */
  #readForeign(): void {
    const { store } = this.#open;
    for (const activity of store.changedAfter(this.#seenEvent)) store.touched.set(activity.job, activity);
  }

  #committed(): void {
    const { store } = this.#open;
    this.#seenEvent = this.#writtenEvent;
    const touched = store.touched;
    store.touched = new Map();
    this.#tell([...touched.values()]);
    this.#setDueTimer();
  }

  /** Takes note of what other processes have done. */
  #watch(): void {
    try {
      const version = this.#readDataVersion();
      if (version === this.#dataVersion) return;
      this.#dataVersion = version;
      const { store } = this.#open;
      const latest = store.latestEvent();
      const activities = store.changedAfter(this.#seenEvent);
      this.#seenEvent = latest;
      this.#tell(activities);
      this.#setDueTimer();
    } catch (error) {
      this.logger.error(error);
    }
  }

  #readDataVersion(): number {
    const row = this.#open.database.prepare('PRAGMA data_version').get() as { data_version: number };
    return row.data_version;
  }

  #tell(activities: readonly JobActivity[]): void {
    for (const activity of activities) {
      const claim = this.#claims.get(activity.job);
      if (claim) this.#lookAt(claim);
      for (const listener of this.#listeners) {
        try {
          listener(activity);
        } catch (error) {
          this.logger.error(error);
        }
      }
    }
  }

  #lookAt({ job, key, controller, isSettling }: HeldClaim): void {
    if (isSettling) return;
    const isCancelRequested = this.#store.isCancelRequested(key);
    if (isCancelRequested === true) controller.abort(new JobCancelledError());
    if (isCancelRequested !== undefined) return;
    this.#claims.delete(job.id);
    controller.abort(new ClaimLostError());
  }

  /** Tells that a delayed job may be claimed, when it may. */
  #setDueTimer(leastMs = 1): void {
    clearTimeout(this.#dueTimer);
    const due = this.#opened?.store.nextDue();
    if (due === undefined) return;
    const wait = Math.min(Math.max(due - Date.now(), leastMs), LONGEST_MS);
    this.#dueTimer = setTimeout(() => {
      this.#change((store) => store.wakeDelayed()).catch(() => this.#setDueTimer(RETRY_MS));
    }, wait).unref();
  }

  async #takeBack(): Promise<void> {
    const { owner, store } = this.#open;
    for (const other of store.otherOwners(owner.name)) {
      if (!(await owner.isDead(other))) continue;
      await this.#change((changed) => changed.takeBack(other));
      await owner.bury(other);
    }
  }

  async #takeBackQuietly(): Promise<void> {
    this.#takingBack ??= this.#takeBack()
      .catch((error: unknown) => this.logger.error(error))
      .finally(() => (this.#takingBack = undefined));
    await this.#takingBack;
  }
}
