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
CREATE TABLE outbox_item (
    item_id bigint GENERATED ALWAYS AS IDENTITY,
    port text NOT NULL,
    operation text NOT NULL,
    key text NOT NULL,
    reference text NOT NULL,
    recipient text NOT NULL DEFAULT '',
    body jsonb NOT NULL,
    exercise boolean NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_outbox_item PRIMARY KEY (item_id),
    CONSTRAINT uq_outbox_item_port_key UNIQUE (port, key)
);
CREATE TABLE webhook_event (
    provider text NOT NULL,
    event_id text NOT NULL,
    kind text NOT NULL,
    reference text NOT NULL,
    detail jsonb NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_webhook_event PRIMARY KEY (provider, event_id)
);
CREATE TABLE push_device (
    device_id text NOT NULL,
    person_id text NOT NULL,
    token text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    pruned_at timestamptz,
    CONSTRAINT pk_push_device PRIMARY KEY (device_id),
    CONSTRAINT uq_push_device_token UNIQUE (token),
    CONSTRAINT fk_push_device_person_id FOREIGN KEY (person_id) REFERENCES person (person_id)
);
CREATE INDEX ix_push_device_person_id ON push_device (person_id);
CREATE TABLE notification_choice (
    person_id text NOT NULL,
    push boolean NOT NULL DEFAULT true,
    sms boolean NOT NULL DEFAULT true,
    CONSTRAINT pk_notification_choice PRIMARY KEY (person_id),
    CONSTRAINT fk_notification_choice_person_id FOREIGN KEY (person_id) REFERENCES person (person_id)
);
CREATE TABLE delivery (
    event_key text NOT NULL,
    person_id text NOT NULL,
    address text NOT NULL,
    template text NOT NULL,
    state text NOT NULL DEFAULT 'queued',
    reference text,
    exercise boolean NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_delivery PRIMARY KEY (event_key, person_id, address),
    CONSTRAINT fk_delivery_person_id FOREIGN KEY (person_id) REFERENCES person (person_id)
);
CREATE INDEX ix_delivery_reference ON delivery (reference);
CREATE TABLE outbox_place (
    reader text NOT NULL,
    tx bigint NOT NULL,
    booking_id text NOT NULL,
    version integer NOT NULL,
    CONSTRAINT pk_outbox_place PRIMARY KEY (reader)
);
CREATE TABLE pharmacy_order (
    order_id text NOT NULL,
    person_id text NOT NULL,
    community_id text NOT NULL,
    basket jsonb NOT NULL,
    state text NOT NULL,
    reference text,
    sequence integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_pharmacy_order PRIMARY KEY (order_id),
    CONSTRAINT uq_pharmacy_order_reference UNIQUE (reference),
    CONSTRAINT fk_pharmacy_order_person_id FOREIGN KEY (person_id) REFERENCES person (person_id),
    CONSTRAINT fk_pharmacy_order_community_id FOREIGN KEY (community_id) REFERENCES community (community_id)
);
CREATE INDEX ix_pharmacy_order_person_id ON pharmacy_order (person_id, created_at);
CREATE INDEX ix_pharmacy_order_community_id ON pharmacy_order (community_id);
CREATE TABLE payment (
    payment_id text NOT NULL,
    booking_id text NOT NULL,
    person_id text,
    community_id text,
    hospital_id text,
    due_minor bigint NOT NULL,
    paid_minor bigint NOT NULL,
    refunded_minor bigint NOT NULL,
    currency text NOT NULL,
    state text NOT NULL,
    provider text NOT NULL,
    reference text,
    exercise boolean NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_payment PRIMARY KEY (payment_id),
    CONSTRAINT uq_payment_booking_id UNIQUE (booking_id),
    CONSTRAINT uq_payment_reference UNIQUE (reference),
    CONSTRAINT ck_payment_amounts CHECK (0 <= refunded_minor AND refunded_minor <= paid_minor AND paid_minor <= due_minor),
    CONSTRAINT fk_payment_booking_id FOREIGN KEY (booking_id) REFERENCES booking (booking_id)
);
CREATE INDEX ix_payment_person_id ON payment (person_id);
CREATE INDEX ix_payment_community_id ON payment (community_id);
CREATE INDEX ix_payment_hospital_id ON payment (hospital_id);
CREATE TABLE ledger_posting (
    posting_id text NOT NULL,
    payment_id text NOT NULL,
    hospital_id text,
    debit text NOT NULL,
    credit text NOT NULL,
    amount_minor bigint NOT NULL,
    currency text NOT NULL,
    exercise boolean NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_ledger_posting PRIMARY KEY (posting_id),
    CONSTRAINT ck_ledger_posting_amount CHECK (amount_minor > 0 AND debit <> credit),
    CONSTRAINT fk_ledger_posting_payment_id FOREIGN KEY (payment_id) REFERENCES payment (payment_id)
);
CREATE INDEX ix_ledger_posting_payment_id ON ledger_posting (payment_id);
CREATE INDEX ix_ledger_posting_hospital_id ON ledger_posting (hospital_id, at);
CREATE TABLE report (
    report_id text NOT NULL,
    kind text NOT NULL,
    tenant_kind text NOT NULL,
    tenant_id text NOT NULL,
    person_id text NOT NULL,
    parameters jsonb NOT NULL,
    state text NOT NULL,
    file_key text,
    created_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz,
    CONSTRAINT pk_report PRIMARY KEY (report_id),
    CONSTRAINT fk_report_person_id FOREIGN KEY (person_id) REFERENCES person (person_id)
);
CREATE INDEX ix_report_person_id ON report (person_id, created_at);
