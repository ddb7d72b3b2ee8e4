-- Bookings and their events.
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE TABLE booking (
    booking_id text NOT NULL,
    service_type text NOT NULL,
    policy_version integer NOT NULL,
    status text NOT NULL,
    version integer NOT NULL,
    responders smallint NOT NULL,
    resident_id text,
    incident_id text,
    category smallint,
    exercise boolean NOT NULL DEFAULT false,
    place text NOT NULL DEFAULT '',
    note text NOT NULL DEFAULT '',
    requested_at timestamptz NOT NULL,
    starts_at timestamptz,
    ends_at timestamptz,
    closed_at timestamptz,
    person_id text,
    community_id text,
    hospital_id text,
    centre_id text,
    CONSTRAINT pk_booking PRIMARY KEY (booking_id),
    CONSTRAINT fk_booking_resident_id FOREIGN KEY (resident_id) REFERENCES resident (resident_id),
    CONSTRAINT fk_booking_incident_id FOREIGN KEY (incident_id) REFERENCES incident (incident_id),
    CONSTRAINT ck_booking_responders CHECK (responders >= 0)
);
CREATE INDEX ix_booking_person ON booking (person_id, requested_at DESC, booking_id DESC);
CREATE INDEX ix_booking_community ON booking (community_id, requested_at DESC, booking_id DESC);
CREATE INDEX ix_booking_hospital ON booking (hospital_id, requested_at DESC, booking_id DESC);
CREATE INDEX ix_booking_centre ON booking (centre_id, requested_at DESC, booking_id DESC);
CREATE INDEX ix_booking_incident ON booking (incident_id) WHERE incident_id IS NOT NULL;
CREATE TABLE booking_event (
    booking_id text NOT NULL,
    version integer NOT NULL,
    at timestamptz NOT NULL,
    kind text NOT NULL,
    status text NOT NULL,
    entered boolean NOT NULL,
    actor_person_id text,
    actor_role text NOT NULL,
    reason text,
    responder_ids text[] NOT NULL DEFAULT '{}',
    detail jsonb NOT NULL DEFAULT '{}'::jsonb,
    tx bigint NOT NULL DEFAULT (pg_current_xact_id()::text)::bigint,
    person_id text,
    community_id text,
    hospital_id text,
    centre_id text,
    CONSTRAINT pk_booking_event PRIMARY KEY (booking_id, version),
    CONSTRAINT fk_booking_event_booking_id FOREIGN KEY (booking_id) REFERENCES booking (booking_id)
);
CREATE INDEX ix_booking_event_outbox ON booking_event (tx, booking_id, version);
CREATE TABLE assignment (
    assignment_id bigint GENERATED ALWAYS AS IDENTITY,
    booking_id text NOT NULL,
    responder_id text NOT NULL,
    responder_kind text NOT NULL,
    exclusive boolean NOT NULL,
    during tstzrange,
    assigned_at timestamptz NOT NULL,
    assigned_by text,
    released_at timestamptz,
    person_id text,
    community_id text,
    hospital_id text,
    centre_id text,
    CONSTRAINT pk_assignment PRIMARY KEY (assignment_id),
    CONSTRAINT fk_assignment_booking_id FOREIGN KEY (booking_id) REFERENCES booking (booking_id),
    CONSTRAINT ex_assignment_during EXCLUDE USING gist (responder_id WITH =, during WITH &&)
        WHERE (released_at IS NULL AND exclusive AND during IS NOT NULL)
);
-- One unit, one booking at a time: whoever comes second fails here, and nowhere else.
CREATE UNIQUE INDEX uq_assignment_exclusive ON assignment (responder_id)
    WHERE released_at IS NULL AND exclusive AND during IS NULL;
CREATE UNIQUE INDEX uq_assignment_once ON assignment (booking_id, responder_id) WHERE released_at IS NULL;
CREATE INDEX ix_assignment_booking_id ON assignment (booking_id);
CREATE TABLE calendar (
    calendar_id text NOT NULL,
    hospital_id text NOT NULL,
    label text NOT NULL,
    service_types text[] NOT NULL,
    staff_id text,
    zone text NOT NULL,
    hours jsonb NOT NULL,
    closed_at timestamptz,
    CONSTRAINT pk_calendar PRIMARY KEY (calendar_id),
    CONSTRAINT fk_calendar_hospital_id FOREIGN KEY (hospital_id) REFERENCES hospital (hospital_id),
    CONSTRAINT fk_calendar_staff_id FOREIGN KEY (staff_id) REFERENCES staff (staff_id)
);
CREATE INDEX ix_calendar_hospital_id ON calendar (hospital_id);
CREATE TABLE slot (
    slot_id bigint GENERATED ALWAYS AS IDENTITY,
    calendar_id text NOT NULL,
    hospital_id text NOT NULL,
    person_id text,
    community_id text,
    booking_id text NOT NULL,
    during tstzrange NOT NULL,
    freed_at timestamptz,
    released_at timestamptz,
    CONSTRAINT pk_slot PRIMARY KEY (slot_id),
    CONSTRAINT fk_slot_calendar_id FOREIGN KEY (calendar_id) REFERENCES calendar (calendar_id),
    CONSTRAINT fk_slot_booking_id FOREIGN KEY (booking_id) REFERENCES booking (booking_id)
        DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT ex_slot_during EXCLUDE USING gist (calendar_id WITH =, during WITH &&) WHERE (released_at IS NULL)
);
CREATE UNIQUE INDEX uq_slot_booking_id ON slot (booking_id) WHERE released_at IS NULL AND freed_at IS NULL;
CREATE TABLE waiting (
    waiting_id bigint GENERATED ALWAYS AS IDENTITY,
    booking_id text NOT NULL,
    calendar_id text NOT NULL,
    earliest timestamptz NOT NULL,
    latest timestamptz NOT NULL,
    ended_at timestamptz,
    person_id text,
    community_id text,
    hospital_id text,
    centre_id text,
    CONSTRAINT pk_waiting PRIMARY KEY (waiting_id),
    CONSTRAINT fk_waiting_booking_id FOREIGN KEY (booking_id) REFERENCES booking (booking_id),
    CONSTRAINT fk_waiting_calendar_id FOREIGN KEY (calendar_id) REFERENCES calendar (calendar_id)
);
CREATE INDEX ix_waiting_booking_id ON waiting (booking_id);
CREATE INDEX ix_waiting_calendar ON waiting (calendar_id, waiting_id) WHERE ended_at IS NULL;
