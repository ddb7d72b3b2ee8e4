-- Organisations, people, and what happens on calls.
CREATE TABLE audit_event (
    audit_id BIGINT GENERATED ALWAYS AS IDENTITY,
    at timestamptz DEFAULT now() NOT NULL,
    actor_person_id TEXT,
    role TEXT NOT NULL,
    action TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    centre_id TEXT,
    detail JSONB DEFAULT '{}'::jsonb NOT NULL,
    CONSTRAINT pk_audit_event PRIMARY KEY (audit_id)
);
CREATE INDEX ix_audit_event_centre_id ON audit_event (centre_id);
CREATE TABLE community (
    community_id TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    suspended_at timestamptz,
    CONSTRAINT pk_community PRIMARY KEY (community_id)
);
CREATE TABLE dispatch_centre (
    centre_id TEXT NOT NULL,
    name TEXT NOT NULL,
    public_number TEXT NOT NULL,
    overflow_centre_id TEXT,
    is_default BOOLEAN DEFAULT false NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_dispatch_centre PRIMARY KEY (centre_id),
    CONSTRAINT fk_dispatch_centre_overflow_centre_id FOREIGN KEY(overflow_centre_id) REFERENCES dispatch_centre (centre_id)
);
CREATE UNIQUE INDEX uq_dispatch_centre_default ON dispatch_centre (is_default) WHERE is_default;
CREATE TABLE hospital (
    hospital_id TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    suspended_at timestamptz,
    CONSTRAINT pk_hospital PRIMARY KEY (hospital_id)
);
CREATE TABLE person (
    person_id TEXT NOT NULL,
    display_name TEXT NOT NULL,
    email TEXT,
    phone TEXT,
    created_at timestamptz DEFAULT now() NOT NULL,
    suspended_at timestamptz,
    CONSTRAINT pk_person PRIMARY KEY (person_id),
    CONSTRAINT uq_person_email UNIQUE (email),
    CONSTRAINT uq_person_phone UNIQUE (phone)
);
CREATE TABLE centre_community (
    centre_id TEXT NOT NULL,
    community_id TEXT NOT NULL,
    CONSTRAINT pk_centre_community PRIMARY KEY (centre_id, community_id),
    CONSTRAINT fk_centre_community_centre_id FOREIGN KEY(centre_id) REFERENCES dispatch_centre (centre_id),
    CONSTRAINT fk_centre_community_community_id FOREIGN KEY(community_id) REFERENCES community (community_id)
);
CREATE INDEX ix_centre_community_community_id ON centre_community (community_id);
CREATE TABLE credential (
    person_id TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    changed_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_credential PRIMARY KEY (person_id),
    CONSTRAINT fk_credential_person_id FOREIGN KEY(person_id) REFERENCES person (person_id)
);
CREATE TABLE entry (
    entry_id TEXT NOT NULL,
    centre_id TEXT NOT NULL,
    CONSTRAINT pk_entry PRIMARY KEY (entry_id),
    CONSTRAINT fk_entry_centre_id FOREIGN KEY(centre_id) REFERENCES dispatch_centre (centre_id)
);
CREATE INDEX ix_entry_centre_id ON entry (centre_id);
CREATE TABLE hospital_community (
    hospital_id TEXT NOT NULL,
    community_id TEXT NOT NULL,
    CONSTRAINT pk_hospital_community PRIMARY KEY (hospital_id, community_id),
    CONSTRAINT fk_hospital_community_hospital_id FOREIGN KEY(hospital_id) REFERENCES hospital (hospital_id),
    CONSTRAINT fk_hospital_community_community_id FOREIGN KEY(community_id) REFERENCES community (community_id)
);
CREATE INDEX ix_hospital_community_community_id ON hospital_community (community_id);
CREATE TABLE incident (
    incident_id TEXT NOT NULL,
    centre_id TEXT NOT NULL,
    opened_at timestamptz NOT NULL,
    closed_at timestamptz,
    category SMALLINT,
    exercise BOOLEAN NOT NULL,
    CONSTRAINT pk_incident PRIMARY KEY (incident_id),
    CONSTRAINT fk_incident_centre_id FOREIGN KEY(centre_id) REFERENCES dispatch_centre (centre_id)
);
CREATE INDEX ix_incident_centre_id ON incident (centre_id);
CREATE TABLE resident (
    resident_id TEXT NOT NULL,
    person_id TEXT,
    community_id TEXT NOT NULL,
    name TEXT NOT NULL,
    flat TEXT DEFAULT '' NOT NULL,
    phone TEXT,
    suspended_at timestamptz,
    CONSTRAINT pk_resident PRIMARY KEY (resident_id),
    CONSTRAINT fk_resident_person_id FOREIGN KEY(person_id) REFERENCES person (person_id),
    CONSTRAINT fk_resident_community_id FOREIGN KEY(community_id) REFERENCES community (community_id)
);
CREATE INDEX ix_resident_community_id ON resident (community_id);
CREATE INDEX ix_resident_person_id ON resident (person_id);
CREATE TABLE role_grant (
    grant_id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    role TEXT NOT NULL,
    scope_kind TEXT NOT NULL,
    scope_id TEXT DEFAULT '' NOT NULL,
    granted_at timestamptz DEFAULT now() NOT NULL,
    revoked_at timestamptz,
    CONSTRAINT pk_role_grant PRIMARY KEY (grant_id),
    CONSTRAINT uq_role_grant_person_id_role_scope_kind_scope_id UNIQUE (person_id, role, scope_kind, scope_id),
    CONSTRAINT fk_role_grant_person_id FOREIGN KEY(person_id) REFERENCES person (person_id)
);
CREATE TABLE seat (
    seat_id TEXT NOT NULL,
    centre_id TEXT NOT NULL,
    label TEXT NOT NULL,
    person_id TEXT,
    CONSTRAINT pk_seat PRIMARY KEY (seat_id),
    CONSTRAINT fk_seat_centre_id FOREIGN KEY(centre_id) REFERENCES dispatch_centre (centre_id),
    CONSTRAINT fk_seat_person_id FOREIGN KEY(person_id) REFERENCES person (person_id)
);
CREATE INDEX ix_seat_centre_id ON seat (centre_id);
CREATE TABLE sign_in_family (
    family_id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    last_used_at timestamptz DEFAULT now() NOT NULL,
    revoked_at timestamptz,
    revoked_why TEXT,
    CONSTRAINT pk_sign_in_family PRIMARY KEY (family_id),
    CONSTRAINT fk_sign_in_family_person_id FOREIGN KEY(person_id) REFERENCES person (person_id)
);
CREATE INDEX ix_sign_in_family_person_id ON sign_in_family (person_id);
CREATE TABLE staff (
    staff_id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    hospital_id TEXT NOT NULL,
    suspended_at timestamptz,
    CONSTRAINT pk_staff PRIMARY KEY (staff_id),
    CONSTRAINT uq_staff_person_id_hospital_id UNIQUE (person_id, hospital_id),
    CONSTRAINT fk_staff_person_id FOREIGN KEY(person_id) REFERENCES person (person_id),
    CONSTRAINT fk_staff_hospital_id FOREIGN KEY(hospital_id) REFERENCES hospital (hospital_id)
);
CREATE INDEX ix_staff_hospital_id ON staff (hospital_id);
CREATE TABLE call (
    call_id TEXT NOT NULL,
    incident_id TEXT NOT NULL,
    centre_id TEXT NOT NULL,
    entry TEXT NOT NULL,
    exercise BOOLEAN NOT NULL,
    anonymous BOOLEAN NOT NULL,
    phone TEXT,
    language TEXT,
    call_back_of TEXT,
    started_at timestamptz NOT NULL,
    last_seq INTEGER NOT NULL,
    state TEXT NOT NULL,
    held BOOLEAN NOT NULL,
    escalation TEXT,
    answered_at timestamptz,
    answered_by TEXT,
    seat_id TEXT,
    ended_at timestamptz,
    end_reason TEXT,
    closed_at timestamptz,
    disposition TEXT,
    transcript TEXT NOT NULL,
    category SMALLINT,
    card JSONB NOT NULL,
    CONSTRAINT pk_call PRIMARY KEY (call_id),
    CONSTRAINT fk_call_incident_id FOREIGN KEY(incident_id) REFERENCES incident (incident_id),
    CONSTRAINT fk_call_centre_id FOREIGN KEY(centre_id) REFERENCES dispatch_centre (centre_id)
);
CREATE INDEX ix_call_incident_id ON call (incident_id);
CREATE INDEX ix_call_open ON call (centre_id, started_at) WHERE state <> 'closed';
CREATE INDEX ix_call_recent ON call (centre_id, started_at DESC);
CREATE TABLE refresh_token (
    token_hash TEXT NOT NULL,
    family_id TEXT NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    successor_hash TEXT,
    CONSTRAINT pk_refresh_token PRIMARY KEY (token_hash),
    CONSTRAINT fk_refresh_token_family_id FOREIGN KEY(family_id) REFERENCES sign_in_family (family_id)
);
CREATE INDEX ix_refresh_token_family_id ON refresh_token (family_id);
CREATE TABLE patient (
    patient_id TEXT NOT NULL,
    incident_id TEXT NOT NULL,
    call_id TEXT NOT NULL,
    centre_id TEXT NOT NULL,
    exercise BOOLEAN NOT NULL,
    age TEXT,
    sex TEXT,
    conscious TEXT,
    breathing TEXT,
    CONSTRAINT pk_patient PRIMARY KEY (patient_id),
    CONSTRAINT fk_patient_incident_id FOREIGN KEY(incident_id) REFERENCES incident (incident_id),
    CONSTRAINT fk_patient_call_id FOREIGN KEY(call_id) REFERENCES call (call_id),
    CONSTRAINT fk_patient_centre_id FOREIGN KEY(centre_id) REFERENCES dispatch_centre (centre_id)
);
CREATE INDEX ix_patient_call_id ON patient (call_id);
CREATE INDEX ix_patient_centre_id ON patient (centre_id);
CREATE INDEX ix_patient_incident_id ON patient (incident_id);
CREATE TABLE timeline_entry (
    call_id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    centre_id TEXT NOT NULL,
    exercise BOOLEAN NOT NULL,
    at timestamptz NOT NULL,
    call_s FLOAT NOT NULL,
    kind TEXT NOT NULL,
    actor JSONB NOT NULL,
    command_id TEXT,
    body JSONB NOT NULL,
    CONSTRAINT pk_timeline_entry PRIMARY KEY (call_id, seq),
    CONSTRAINT fk_timeline_entry_call_id FOREIGN KEY(call_id) REFERENCES call (call_id),
    CONSTRAINT fk_timeline_entry_centre_id FOREIGN KEY(centre_id) REFERENCES dispatch_centre (centre_id)
);
