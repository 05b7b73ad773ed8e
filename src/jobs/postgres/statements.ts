import type { Statement } from '../../database/session.js';
import { ATTEMPTS_LOST } from '../engine-errors.js';
import { JOB_COLUMNS } from './job-row.js';

/**
 * What the event of a change of state tells, of the row as it now is. Put together as text: PostgreSQL's functions on JSON
 * refuse strings that hold a zero byte.
 */
const STATE_EVENT = `(
  '{"state":"' || state || '","attempt":' || attempt
  || CASE WHEN state = 'running' AND cancel_requested THEN ',"cancelRequested":true' ELSE '' END
  || CASE WHEN state <> 'running' AND failure IS NOT NULL THEN ',"failure":' || failure::text ELSE '' END
  || '}')::json`;

/** Of a job that somebody cancels: what waits ends, what runs is told to stop. */
const CANCELLED = `cancel_requested = true, events = job.events + 1,
  state = CASE job.state WHEN 'queued' THEN 'cancelled' ELSE job.state END,
  finished_at = CASE job.state WHEN 'queued' THEN clock_timestamp() END`;

/** Whom that concerns. */
const CANCELLABLE = "(job.state = 'queued' OR job.state = 'running' AND NOT job.cancel_requested)";

/** What an attempt that is over leaves: it holds nothing any more. */
const RELEASED = 'claim = NULL, lease_until = NULL, events = events + 1';

/** What a part would do whose job has ended, or is told to stop. */
const inVain = (part: string): string => `EXISTS (SELECT FROM kriged.job AS parent
  WHERE parent.id = ${part}.parent AND (parent.finished_at IS NOT NULL OR parent.cancel_requested))`;

/** Of the attempt $1. */
const CURRENT = "WHERE claim = $1 AND state = 'running'";

/**
 * A change of states with its events, as one statement: one message to the database, one flush to its disk. `update`
 * changes rows of `kriged.job`. Gives them as they now are.
 */
function changing(name: string, before: string, update: string): Statement {
  return {
    name,
    text: `WITH RECURSIVE ${before} changed AS (${update} RETURNING job.*), ${WRITE_EVENTS} ${CHANGED}`,
  };
}

/**
 * As above, for attempts: $1 are their names, $2 a value for each, $3 when to try it again, or null. A job that ends takes
 * its parts with it: what they would do is in vain.
 */
function settling(name: string, set: string): Statement {
  return {
    name,
    text: `
      WITH RECURSIVE settled AS (
        UPDATE kriged.job SET ${set}, ${RELEASED}
        FROM unnest($1::uuid[], $2::json[], $3::timestamptz[]) AS outcome (token, value, retry_at)
        WHERE claim = outcome.token AND state = 'running' RETURNING job.*, outcome.token
      ),
      family AS (
        SELECT job.id AS member FROM kriged.job JOIN settled ON job.parent = settled.id
        WHERE settled.finished_at IS NOT NULL
        UNION SELECT job.id FROM kriged.job JOIN family ON job.parent = member
      ),
      part AS (
        UPDATE kriged.job SET ${CANCELLED} FROM family
        WHERE job.id = member AND ${CANCELLABLE} AND (job.claim IS NULL OR job.claim <> ALL($1::uuid[]))
        RETURNING job.*, NULL::uuid AS token
      ),
      changed AS (SELECT * FROM settled UNION ALL SELECT * FROM part), ${WRITE_EVENTS}
      SELECT ${JOB_COLUMNS}, job.token FROM changed AS job`,
  };
}

const WRITE_EVENTS = `event AS (
  INSERT INTO kriged.job_event (job, id, at, type, data)
  SELECT id, events, clock_timestamp(), 'state', ${STATE_EVENT} FROM changed
)`;

const CHANGED = `SELECT ${JOB_COLUMNS}, job.claim FROM changed AS job ORDER BY priority DESC, seq`;

export const PING: Statement = { name: 'ping', text: 'SELECT 1' };

/** The columns of new jobs (`toColumns`). Gives the rows that were made: a key that is there already makes none. */
export const CREATE: Statement = {
  name: 'job-create',
  text: `
    WITH new AS (
      SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::json[], $5::text[], $6::smallint[],
        $7::timestamptz[], $8::int[], $9::float8[], $10::text[], $11::text[], $12::text[])
      AS new (id, type, parent, request, requested_by, priority, start_after, max_attempts, time_limit_seconds,
        idempotency_key, idempotency_digest, webhook)
    ),
    created AS (
      INSERT INTO kriged.job (id, type, parent, request, requested_by, priority, start_after, max_attempts,
        time_limit_seconds, idempotency_key, idempotency_digest, webhook, state, cancel_requested, finished_at, events)
      SELECT new.*, CASE WHEN vain THEN 'cancelled' ELSE 'queued' END, vain, CASE WHEN vain THEN clock_timestamp() END, 1
      FROM new CROSS JOIN LATERAL (SELECT ${inVain('new')} AS vain) AS fate
      ON CONFLICT (idempotency_key) DO NOTHING
      RETURNING *
    ),
    event AS (
      INSERT INTO kriged.job_event (job, id, at, type, data)
      SELECT id, 1, created_at, 'state', ${STATE_EVENT} FROM created
    )
    SELECT ${JOB_COLUMNS} FROM created AS job`,
};

/** $1: keys. */
export const FIND_BY_KEY: Statement = {
  name: 'job-by-key',
  text: `SELECT ${JOB_COLUMNS}, job.idempotency_key, job.idempotency_digest
    FROM kriged.job WHERE idempotency_key = ANY($1)`,
};

export const FIND: Statement = {
  name: 'job-find',
  text: `SELECT ${JOB_COLUMNS} FROM kriged.job WHERE id = $1`,
};

/** $1: limit, $2: state, $3: type, $4: before; of those that are null, any. */
export const LIST: Statement = listOf('job-list', 'parent IS NULL');

/** As above, and $5: parent. */
export const LIST_PARTS: Statement = listOf('job-list-parts', 'parent = $5');

function listOf(name: string, family: string): Statement {
  return {
    name,
    text: `SELECT ${JOB_COLUMNS} FROM kriged.job
      WHERE ${family} AND ($2::text IS NULL OR state = $2) AND ($3::text IS NULL OR type = $3)
        AND ($4::uuid IS NULL OR seq < coalesce(
          (SELECT seq FROM kriged.job WHERE id = $4),
          (SELECT seq + 1 FROM kriged.job WHERE id < $4 ORDER BY id DESC LIMIT 1), 0))
      ORDER BY seq DESC LIMIT $1`,
  };
}

export const COUNTS: Statement = {
  name: 'job-counts',
  text: 'SELECT type, state, count(*)::int AS count FROM kriged.job GROUP BY type, state ORDER BY type, state',
};

/** $1: type, $2: how many, $3: seconds of the lease. */
export const CLAIM: Statement = changing(
  'job-claim',
  `next AS (
    SELECT id AS next_id FROM kriged.job
    WHERE type = $1 AND state = 'queued' AND (start_after IS NULL OR start_after <= now())
    ORDER BY priority DESC, seq LIMIT $2 FOR UPDATE SKIP LOCKED
  ),`,
  `UPDATE kriged.job SET state = 'running', attempt = attempt + 1, events = events + 1, claim = gen_random_uuid(),
    lease_until = now() + $3 * interval '1 second', started_at = clock_timestamp(), progress = NULL
  FROM next WHERE id = next_id`,
);

/** $1: types. One of each that could be claimed now. */
export const WAITING: Statement = {
  name: 'job-waiting',
  text: `SELECT next.id, next.type FROM unnest($1::text[]) AS wanted (type), LATERAL (
      SELECT id, type FROM kriged.job
      WHERE type = wanted.type AND state = 'queued' AND (start_after IS NULL OR start_after <= now()) LIMIT 1
    ) AS next`,
};

/** $1: milliseconds: those whose time comes within them, and after how many. */
export const DUE: Statement = {
  name: 'job-due',
  text: `SELECT id, type, extract(epoch FROM start_after - now()) * 1000 AS wait FROM kriged.job
    WHERE state = 'queued' AND start_after > now() AND start_after <= now() + $1 * interval '1 millisecond'
    ORDER BY start_after LIMIT 1000`,
};

/** The values are results. */
export const SUCCEED: Statement = settling(
  'job-succeed',
  `state = 'succeeded', result = outcome.value, finished_at = clock_timestamp()`,
);

/** The values are failures. What was cancelled meanwhile is not tried again. */
export const FAIL: Statement = settling(
  'job-fail',
  `state = CASE WHEN outcome.retry_at IS NULL THEN 'failed' WHEN cancel_requested THEN 'cancelled' ELSE 'queued' END,
   failure = outcome.value,
   start_after = coalesce(outcome.retry_at, start_after),
   finished_at = CASE WHEN outcome.retry_at IS NULL OR cancel_requested THEN clock_timestamp() END`,
);

export const STOP: Statement = settling(
  'job-stop',
  `state = 'cancelled', cancel_requested = true, finished_at = clock_timestamp()`,
);

/** It never began; what was cancelled meanwhile does not begin again. */
export const GIVE_BACK: Statement = settling(
  'job-give-back',
  `state = CASE WHEN cancel_requested THEN 'cancelled' ELSE 'queued' END,
   attempt = CASE WHEN cancel_requested THEN attempt ELSE attempt - 1 END,
   progress = CASE WHEN cancel_requested THEN progress END,
   finished_at = CASE WHEN cancel_requested THEN clock_timestamp() END`,
);

/** $1: jobs. With their parts. */
export const CANCEL: Statement = changing(
  'job-cancel',
  `tree AS (
    SELECT unnest($1::uuid[]) AS id UNION SELECT job.id FROM kriged.job JOIN tree ON job.parent = tree.id
  ),
  family AS (
    SELECT id AS member FROM kriged.job
    WHERE id IN (SELECT id FROM tree) AND ${CANCELLABLE} ORDER BY id FOR UPDATE
  ),`,
  `UPDATE kriged.job SET ${CANCELLED} FROM family WHERE id = member`,
);

/** $1: id. */
export const RETRY: Statement = changing(
  'job-retry',
  '',
  `UPDATE kriged.job SET state = 'queued', attempt = 0, cancel_requested = false, start_after = NULL,
    started_at = NULL, finished_at = NULL, progress = NULL, failure = NULL, events = events + 1
  WHERE id = $1 AND state IN ('failed', 'cancelled') AND NOT ${inVain('job')}`,
);

/** $1: attempts, $2: seconds of the lease. Gives those that are still current. */
export const KEEP: Statement = {
  name: 'job-keep',
  text: `UPDATE kriged.job SET lease_until = now() + $2 * interval '1 second'
    WHERE claim = ANY($1::uuid[]) AND state = 'running' RETURNING claim, cancel_requested`,
};

/**
 * Takes back what dead processes held. $1: seconds of the lease: for so long after the database's own start, holders
 * that could not reach it may still be alive. $2: the failure of a job that has no attempts left.
 */
export const TAKE_BACK: Statement = changing(
  'job-take-back',
  `lost AS (
    SELECT id AS lost_id FROM kriged.job
    WHERE claim IS NOT NULL AND lease_until < now()
      AND pg_postmaster_start_time() < now() - $1 * interval '1 second'
    ORDER BY id LIMIT 1000 FOR UPDATE SKIP LOCKED
  ),`,
  `UPDATE kriged.job SET
    state = CASE WHEN cancel_requested THEN 'cancelled' WHEN attempt < max_attempts THEN 'queued' ELSE 'failed' END,
    failure = CASE WHEN cancel_requested OR attempt < max_attempts THEN failure ELSE $2::json END,
    finished_at = CASE WHEN cancel_requested OR attempt >= max_attempts THEN clock_timestamp() END,
    progress = CASE WHEN cancel_requested OR attempt >= max_attempts THEN progress END,
    ${RELEASED}
  FROM lost WHERE id = lost_id`,
);

export const takeBackValues = (leaseSeconds: number): unknown[] => [
  leaseSeconds,
  JSON.stringify(ATTEMPTS_LOST),
];

/**
 * $1: attempt, $2: progress or null, $3: the log's tail or null, $4, $5: types and data of the events, $6: how many of the
 * log's are kept. Of progress, only the latest is worth keeping.
 */
export const REPORT: Statement = {
  name: 'job-report',
  text: `
    WITH job AS (
      UPDATE kriged.job SET progress = coalesce($2::json, progress), log = coalesce($3::json, log),
        events = events + cardinality($4::text[])
      ${CURRENT} RETURNING id, events
    ),
    stale AS (
      DELETE FROM kriged.job_event AS event USING job
      WHERE event.job = job.id AND (
        event.type = 'progress' AND $2 IS NOT NULL
        OR event.type = 'log' AND $3 IS NOT NULL AND event.id <= (
          SELECT kept.id FROM kriged.job_event AS kept WHERE kept.job = job.id AND kept.type = 'log'
          ORDER BY kept.id DESC OFFSET $6::int - 1 LIMIT 1))
    )
    INSERT INTO kriged.job_event (job, id, at, type, data)
    SELECT job.id, job.events - cardinality($4::text[]) + new.number, clock_timestamp(), new.type, new.data
    FROM job, unnest($4::text[], $5::json[]) WITH ORDINALITY AS new (type, data, number)`,
};

/** $1: id, $2: after. */
export const EVENTS: Statement = {
  name: 'job-events',
  text: 'SELECT id, at, type, data FROM kriged.job_event WHERE job = $1 AND id > $2 ORDER BY id',
};

/** $1, $2: ended before, for those that succeeded and others; $3: how many. Parts go with their jobs. */
export const PRUNE: Statement = {
  name: 'job-prune',
  text: `
    WITH old AS (
      SELECT id AS old_id FROM kriged.job
      WHERE parent IS NULL AND finished_at IS NOT NULL
        AND finished_at < CASE state WHEN 'succeeded' THEN $1::timestamptz ELSE $2::timestamptz END
      ORDER BY finished_at LIMIT $3 FOR UPDATE SKIP LOCKED
    )
    DELETE FROM kriged.job USING old WHERE id = old_id RETURNING id`,
};

/** $1: since when. What may have changed while nobody heard. */
export const RECENT: Statement = {
  name: 'job-recent',
  text: `SELECT id, type FROM kriged.job
    WHERE state IN ('queued', 'running') OR finished_at >= $1 ORDER BY seq DESC LIMIT 10000`,
};
