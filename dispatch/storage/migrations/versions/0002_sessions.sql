-- Seeing and ending sessions, second factors, one-time codes.
ALTER TABLE sign_in_family ADD COLUMN client text NOT NULL DEFAULT '';
ALTER TABLE credential ADD COLUMN totp_secret text;
ALTER TABLE credential ADD COLUMN totp_confirmed_at timestamptz;
ALTER TABLE credential ADD COLUMN totp_last_step bigint NOT NULL DEFAULT 0;
CREATE INDEX ix_sign_in_family_revoked_at ON sign_in_family (revoked_at) WHERE revoked_at IS NOT NULL;
CREATE INDEX ix_person_suspended_at ON person (suspended_at) WHERE suspended_at IS NOT NULL;
CREATE TABLE one_time_code (
    ticket_hash text NOT NULL,
    phone text NOT NULL,
    person_id text NOT NULL,
    code_hash text NOT NULL,
    sent_at timestamptz NOT NULL,
    tries smallint NOT NULL DEFAULT 0,
    CONSTRAINT pk_one_time_code PRIMARY KEY (ticket_hash),
    CONSTRAINT fk_one_time_code_person_id FOREIGN KEY (person_id) REFERENCES person (person_id)
);
CREATE INDEX ix_one_time_code_phone_sent_at ON one_time_code (phone, sent_at);
