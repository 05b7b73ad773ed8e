/**
 * The tables of jobs, as the migrations that make them: later ones are added at the end, and run when a process of a
 * later release starts. `json`, not `jsonb`: a request comes back as it was sent, to the order of its keys.
 *
 * `seq` is the order of creation. `claim` names the attempt that may settle the job: another for each attempt, so that one which was given back or lost
 * changes nothing. The attempt is alive as long as its process moves `lease_until` on.
 */
export const JOB_MIGRATIONS: readonly string[] = [
  `
CREATE TABLE kriged.job (
  seq bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
  id uuid PRIMARY KEY,
  type text NOT NULL,
  parent uuid REFERENCES kriged.job ON DELETE CASCADE,
  state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
  request json NOT NULL,
  requested_by text,
  priority smallint NOT NULL,
  webhook text,
  idempotency_key text UNIQUE,
  idempotency_digest text,
  created_at timestamptz NOT NULL DEFAULT now(),
  start_after timestamptz,
  started_at timestamptz,
  finished_at timestamptz,
  attempt int NOT NULL DEFAULT 0,
  max_attempts int NOT NULL,
  time_limit_seconds float8 NOT NULL,
  cancel_requested boolean NOT NULL DEFAULT false,
  progress json,
  log json NOT NULL DEFAULT '[]',
  result json,
  failure json,
  claim uuid,
  lease_until timestamptz,
  events int NOT NULL DEFAULT 0
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500);

CREATE INDEX job_waiting ON kriged.job (type, priority DESC, seq) WHERE state = 'queued';

CREATE INDEX job_delayed ON kriged.job (start_after) WHERE state = 'queued' AND start_after IS NOT NULL;

CREATE UNIQUE INDEX job_claim ON kriged.job (claim) WHERE claim IS NOT NULL;

CREATE INDEX job_family ON kriged.job (parent, seq);

CREATE INDEX job_finished ON kriged.job (finished_at) WHERE finished_at IS NOT NULL;

CREATE TABLE kriged.job_event (
  job uuid NOT NULL REFERENCES kriged.job ON DELETE CASCADE,
  id int NOT NULL,
  at timestamptz NOT NULL,
  type text NOT NULL,
  data json NOT NULL,
  PRIMARY KEY (job, id)
);
`,
];
