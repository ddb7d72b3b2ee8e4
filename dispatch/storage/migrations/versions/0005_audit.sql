-- The audit log belongs to any tenant, is sealed in batches, and is append-only for everybody.
ALTER TABLE audit_event ADD COLUMN tenant_kind text NOT NULL DEFAULT '';
ALTER TABLE audit_event ADD COLUMN tenant_id text NOT NULL DEFAULT '';
ALTER TABLE audit_event ADD COLUMN correlation_id text NOT NULL DEFAULT '';
ALTER TABLE audit_event DROP COLUMN centre_id;
ALTER TABLE audit_event DROP COLUMN detail;
CREATE INDEX ix_audit_event_tenant ON audit_event (tenant_kind, tenant_id, audit_id);
CREATE TABLE audit_seal (
    seal_id integer NOT NULL,
    sealed_at timestamptz NOT NULL,
    audit_ids bigint[] NOT NULL,
    up_to bigint NOT NULL,
    hash text NOT NULL,
    CONSTRAINT pk_audit_seal PRIMARY KEY (seal_id)
);
CREATE INDEX ix_audit_seal_sealed_at ON audit_seal (sealed_at);
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege'; END
$$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_event EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_seal EXECUTE FUNCTION refuse_change();
-- What callers said is sealed with a key for each call. No release has written entries that were not.
ALTER TABLE timeline_entry DROP COLUMN body;
ALTER TABLE timeline_entry ADD COLUMN sealed bytea NOT NULL;
ALTER TABLE call ADD COLUMN erased_at timestamptz;
CREATE TABLE record_key (
    call_id text NOT NULL,
    centre_id text NOT NULL,
    wrapped text NOT NULL,
    CONSTRAINT pk_record_key PRIMARY KEY (call_id),
    CONSTRAINT fk_record_key_call_id FOREIGN KEY (call_id) REFERENCES call (call_id),
    CONSTRAINT fk_record_key_centre_id FOREIGN KEY (centre_id) REFERENCES dispatch_centre (centre_id)
);
CREATE TABLE record_policy (
    centre_id text NOT NULL,
    version integer NOT NULL,
    retention_days integer NOT NULL,
    notice text NOT NULL,
    CONSTRAINT pk_record_policy PRIMARY KEY (centre_id),
    CONSTRAINT fk_record_policy_centre_id FOREIGN KEY (centre_id) REFERENCES dispatch_centre (centre_id)
);
CREATE TABLE legal_hold (
    hold_id text NOT NULL,
    call_id text NOT NULL,
    centre_id text NOT NULL,
    reason text NOT NULL,
    placed_by text NOT NULL,
    placed_at timestamptz NOT NULL DEFAULT now(),
    version integer NOT NULL,
    released_by text,
    released_at timestamptz,
    CONSTRAINT pk_legal_hold PRIMARY KEY (hold_id),
    CONSTRAINT fk_legal_hold_call_id FOREIGN KEY (call_id) REFERENCES call (call_id),
    CONSTRAINT fk_legal_hold_centre_id FOREIGN KEY (centre_id) REFERENCES dispatch_centre (centre_id),
    CONSTRAINT fk_legal_hold_placed_by FOREIGN KEY (placed_by) REFERENCES person (person_id),
    CONSTRAINT fk_legal_hold_released_by FOREIGN KEY (released_by) REFERENCES person (person_id)
);
CREATE INDEX ix_legal_hold_centre_id ON legal_hold (centre_id);
CREATE INDEX ix_legal_hold_active ON legal_hold (call_id) WHERE released_at IS NULL;
CREATE TABLE erasure (
    call_id text NOT NULL,
    centre_id text NOT NULL,
    reason text NOT NULL,
    asked_by text,
    asked_at timestamptz NOT NULL DEFAULT now(),
    done_at timestamptz,
    CONSTRAINT pk_erasure PRIMARY KEY (call_id),
    CONSTRAINT fk_erasure_call_id FOREIGN KEY (call_id) REFERENCES call (call_id),
    CONSTRAINT fk_erasure_centre_id FOREIGN KEY (centre_id) REFERENCES dispatch_centre (centre_id),
    CONSTRAINT fk_erasure_asked_by FOREIGN KEY (asked_by) REFERENCES person (person_id)
);
CREATE INDEX ix_erasure_centre_id ON erasure (centre_id);
CREATE INDEX ix_erasure_due ON erasure (asked_at) WHERE done_at IS NULL;
