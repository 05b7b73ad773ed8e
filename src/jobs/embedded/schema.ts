/**
 * What makes the database of each version out of the one before; `PRAGMA user_version` says how many have been done. Only
 * ever append: what a release has shipped is in people's folders.
 *
 * jobs.seq: order of creation. jobs.delayed: 1 while start_after lies ahead, so that a claim meets no job whose time has
 * not come. jobs.owner: the engine that runs it (owners.ts). jobs.claims: how often it has been claimed, which tells one
 * claim from the next. Times are milliseconds since 1970; request, progress, log, result and failure are JSON.
 * events.seq: order over all jobs, which tells a process what the others have done.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE jobs (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    type TEXT NOT NULL,
    parent TEXT,
    state TEXT NOT NULL,
    request TEXT NOT NULL,
    requested_by TEXT,
    webhook TEXT,
    priority INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    start_after INTEGER,
    delayed INTEGER NOT NULL,
    started_at INTEGER,
    finished_at INTEGER,
    attempt INTEGER NOT NULL DEFAULT 0,
    max_attempts INTEGER NOT NULL,
    time_limit REAL NOT NULL,
    cancel_requested INTEGER NOT NULL DEFAULT 0,
    owner TEXT,
    claims INTEGER NOT NULL DEFAULT 0,
    progress TEXT,
    log TEXT NOT NULL DEFAULT '[]',
    result TEXT,
    failure TEXT,
    idempotency_key TEXT,
    digest TEXT,
    last_event INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE UNIQUE INDEX jobs_by_key ON jobs (idempotency_key) WHERE idempotency_key IS NOT NULL;
  CREATE INDEX jobs_to_claim ON jobs (type, priority DESC, seq) WHERE state = 'queued' AND delayed = 0;
  CREATE INDEX jobs_delayed ON jobs (start_after) WHERE delayed = 1;
  CREATE INDEX jobs_running ON jobs (owner) WHERE state = 'running';
  CREATE INDEX jobs_of_parent ON jobs (parent) WHERE parent IS NOT NULL;
  CREATE INDEX jobs_ended ON jobs (state, finished_at) WHERE finished_at IS NOT NULL AND parent IS NULL;
  CREATE INDEX jobs_by_state ON jobs (type, state);

  CREATE TABLE events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    job INTEGER NOT NULL,
    id INTEGER NOT NULL,
    at INTEGER NOT NULL,
    type TEXT NOT NULL,
    data TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX events_of_job ON events (job, id);
  `,
];
