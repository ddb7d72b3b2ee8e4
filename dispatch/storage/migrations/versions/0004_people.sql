-- People: onboarding, invitations, merging.
ALTER TABLE community ADD COLUMN version integer NOT NULL DEFAULT 1;
ALTER TABLE hospital ADD COLUMN version integer NOT NULL DEFAULT 1;
ALTER TABLE dispatch_centre ADD COLUMN version integer NOT NULL DEFAULT 1;
ALTER TABLE dispatch_centre ADD COLUMN suspended_at timestamptz;
ALTER TABLE staff ADD COLUMN version integer NOT NULL DEFAULT 1;
ALTER TABLE resident ADD COLUMN version integer NOT NULL DEFAULT 1;
CREATE INDEX ix_resident_phone ON resident (phone) WHERE phone IS NOT NULL;
CREATE UNIQUE INDEX uq_resident_community_id_phone ON resident (community_id, phone) WHERE phone IS NOT NULL;
ALTER TABLE person ADD COLUMN version integer NOT NULL DEFAULT 1;
ALTER TABLE person ADD COLUMN merged_into text;
ALTER TABLE person ADD COLUMN merged_at timestamptz;
ALTER TABLE person ADD CONSTRAINT fk_person_merged_into FOREIGN KEY (merged_into) REFERENCES person (person_id);
CREATE INDEX ix_person_merged_into ON person (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX ix_person_name_key ON person (lower(display_name));
ALTER TABLE role_grant ADD COLUMN suspended_at timestamptz;
ALTER TABLE role_grant ADD COLUMN scope_suspended_at timestamptz;
ALTER TABLE role_grant ADD COLUMN lost_at timestamptz
    GENERATED ALWAYS AS (greatest(revoked_at, suspended_at, scope_suspended_at)) STORED;
CREATE INDEX ix_role_grant_scope_kind_scope_id ON role_grant (scope_kind, scope_id);
CREATE INDEX ix_role_grant_lost_at ON role_grant (lost_at) WHERE lost_at IS NOT NULL;
CREATE TABLE invitation (
    invitation_id text NOT NULL,
    email text NOT NULL,
    display_name text NOT NULL,
    role text NOT NULL,
    scope_kind text NOT NULL,
    scope_id text NOT NULL DEFAULT '',
    invited_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    accepted_at timestamptz,
    withdrawn_at timestamptz,
    CONSTRAINT pk_invitation PRIMARY KEY (invitation_id),
    CONSTRAINT fk_invitation_invited_by FOREIGN KEY (invited_by) REFERENCES person (person_id)
);
CREATE INDEX ix_invitation_scope_kind_scope_id ON invitation (scope_kind, scope_id);
CREATE TABLE person_merge (
    merge_id text NOT NULL,
    kept_id text NOT NULL,
    merged_id text NOT NULL,
    reason text NOT NULL,
    moved jsonb NOT NULL,
    merged_by text NOT NULL,
    merged_at timestamptz NOT NULL,
    undone_at timestamptz,
    CONSTRAINT pk_person_merge PRIMARY KEY (merge_id),
    CONSTRAINT fk_person_merge_kept_id FOREIGN KEY (kept_id) REFERENCES person (person_id),
    CONSTRAINT fk_person_merge_merged_id FOREIGN KEY (merged_id) REFERENCES person (person_id)
);
CREATE UNIQUE INDEX uq_person_merge_merged_id ON person_merge (merged_id) WHERE undone_at IS NULL;
ALTER TABLE one_time_code DROP COLUMN person_id;
ALTER TABLE one_time_code ADD COLUMN asker text NOT NULL DEFAULT '';
