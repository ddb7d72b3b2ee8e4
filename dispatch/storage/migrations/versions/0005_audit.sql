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
