-- Jobs, providers, what was sent.
CREATE TABLE job (
    job_id bigint GENERATED ALWAYS AS IDENTITY,
    kind text NOT NULL,
    idempotency_key text NOT NULL,
    priority smallint NOT NULL,
    payload jsonb NOT NULL,
    tenant_kind text,
    tenant_id text,
    role text NOT NULL,
    person_id text,
    correlation_id text NOT NULL,
    exercise boolean NOT NULL,
    run_at timestamptz NOT NULL DEFAULT now(),
    state text NOT NULL DEFAULT 'waiting',
    attempts integer NOT NULL DEFAULT 0,
    fence bigint NOT NULL DEFAULT 0,
    worker text,
    lease_until timestamptz,
    error_code text,
    error_place text,
    created_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz,
    CONSTRAINT pk_job PRIMARY KEY (job_id),
    CONSTRAINT uq_job_kind_idempotency_key UNIQUE (kind, idempotency_key),
    CONSTRAINT ck_job_state CHECK (state IN ('waiting', 'running', 'done', 'dead'))
);
ALTER TABLE job SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
CREATE INDEX ix_job_waiting ON job (priority, run_at, job_id) WHERE state = 'waiting';
CREATE INDEX ix_job_running ON job (lease_until) WHERE state = 'running';
CREATE INDEX ix_job_over ON job (state, ended_at, job_id) WHERE state IN ('done', 'dead');
