-- Incidents, units, places.
CREATE TABLE place (
    place_id text NOT NULL,
    community_id text NOT NULL,
    parent_id text,
    kind text NOT NULL,
    name text NOT NULL,
    label text NOT NULL,
    aliases text[] NOT NULL DEFAULT '{}'::text[],
    latitude double precision,
    longitude double precision,
    access_notes text NOT NULL DEFAULT '',
    hazards text NOT NULL DEFAULT '',
    retired_at timestamptz,
    CONSTRAINT pk_place PRIMARY KEY (place_id),
    CONSTRAINT fk_place_community_id FOREIGN KEY (community_id) REFERENCES community (community_id),
    CONSTRAINT fk_place_parent_id FOREIGN KEY (parent_id) REFERENCES place (place_id)
);
CREATE INDEX ix_place_in_use ON place (community_id) WHERE retired_at IS NULL;
CREATE TABLE standing_note (
    note_id text NOT NULL,
    community_id text NOT NULL,
    place_id text,
    resident_id text,
    kind text NOT NULL,
    words text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_standing_note PRIMARY KEY (note_id),
    CONSTRAINT fk_standing_note_community_id FOREIGN KEY (community_id) REFERENCES community (community_id),
    CONSTRAINT fk_standing_note_place_id FOREIGN KEY (place_id) REFERENCES place (place_id),
    CONSTRAINT fk_standing_note_resident_id FOREIGN KEY (resident_id) REFERENCES resident (resident_id)
);
CREATE INDEX ix_standing_note_community_id ON standing_note (community_id);
CREATE INDEX ix_standing_note_place_id ON standing_note (place_id);
CREATE INDEX ix_standing_note_resident_id ON standing_note (resident_id);
ALTER TABLE incident ADD COLUMN origin text NOT NULL DEFAULT 'call';
ALTER TABLE incident ADD COLUMN nature text NOT NULL DEFAULT '';
ALTER TABLE incident ADD COLUMN place_id text CONSTRAINT fk_incident_place_id REFERENCES place (place_id);
ALTER TABLE incident ADD COLUMN place_label text NOT NULL DEFAULT '';
ALTER TABLE incident ADD COLUMN latitude double precision;
ALTER TABLE incident ADD COLUMN longitude double precision;
ALTER TABLE incident ADD COLUMN merged_into text CONSTRAINT fk_incident_merged_into REFERENCES incident (incident_id);
ALTER TABLE incident ADD COLUMN owner_person_id text;
ALTER TABLE incident ADD COLUMN welfare_due_at timestamptz;
ALTER TABLE incident ADD COLUMN version integer NOT NULL DEFAULT 1;
ALTER TABLE incident ADD COLUMN changed_at timestamptz NOT NULL DEFAULT now();
CREATE INDEX ix_incident_centre_id_changed_at ON incident (centre_id, changed_at);
CREATE INDEX ix_incident_open ON incident (centre_id) WHERE closed_at IS NULL;
CREATE INDEX ix_incident_merged_into ON incident (merged_into);
CREATE TABLE unit (
    unit_id text NOT NULL,
    centre_id text NOT NULL,
    hospital_id text,
    call_sign text NOT NULL,
    capabilities text[] NOT NULL DEFAULT '{}'::text[],
    crew text[] NOT NULL DEFAULT '{}'::text[],
    exercise boolean NOT NULL DEFAULT false,
    on_duty boolean NOT NULL DEFAULT false,
    state text NOT NULL DEFAULT 'available',
    state_since timestamptz NOT NULL DEFAULT now(),
    urgent boolean NOT NULL DEFAULT true,
    incident_id text,
    booking_id text,
    latitude double precision,
    longitude double precision,
    position_at timestamptz,
    version integer NOT NULL DEFAULT 1,
    changed_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_unit PRIMARY KEY (unit_id),
    CONSTRAINT fk_unit_centre_id FOREIGN KEY (centre_id) REFERENCES dispatch_centre (centre_id),
    CONSTRAINT fk_unit_hospital_id FOREIGN KEY (hospital_id) REFERENCES hospital (hospital_id),
    CONSTRAINT fk_unit_incident_id FOREIGN KEY (incident_id) REFERENCES incident (incident_id)
);
CREATE INDEX ix_unit_centre_id_changed_at ON unit (centre_id, changed_at);
CREATE INDEX ix_unit_hospital_id ON unit (hospital_id);
CREATE INDEX ix_unit_incident_id ON unit (incident_id);
CREATE TABLE unit_search (
    search_id text NOT NULL,
    centre_id text NOT NULL,
    incident_id text NOT NULL,
    service_type text NOT NULL,
    capabilities text[] NOT NULL,
    wanted integer NOT NULL,
    found integer NOT NULL DEFAULT 0,
    step integer NOT NULL DEFAULT 0,
    state text NOT NULL DEFAULT 'open',
    due_at timestamptz NOT NULL,
    CONSTRAINT pk_unit_search PRIMARY KEY (search_id),
    CONSTRAINT fk_unit_search_centre_id FOREIGN KEY (centre_id) REFERENCES dispatch_centre (centre_id),
    CONSTRAINT fk_unit_search_incident_id FOREIGN KEY (incident_id) REFERENCES incident (incident_id)
);
CREATE INDEX ix_unit_search_due ON unit_search (centre_id, due_at) WHERE state = 'open';
CREATE INDEX ix_unit_search_incident_id ON unit_search (incident_id);
CREATE TABLE unit_offer (
    offer_id text NOT NULL,
    search_id text NOT NULL,
    centre_id text NOT NULL,
    hospital_id text,
    incident_id text NOT NULL,
    unit_id text NOT NULL,
    offered_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    outcome text NOT NULL DEFAULT 'pending',
    CONSTRAINT pk_unit_offer PRIMARY KEY (offer_id),
    CONSTRAINT fk_unit_offer_search_id FOREIGN KEY (search_id) REFERENCES unit_search (search_id),
    CONSTRAINT fk_unit_offer_centre_id FOREIGN KEY (centre_id) REFERENCES dispatch_centre (centre_id),
    CONSTRAINT fk_unit_offer_hospital_id FOREIGN KEY (hospital_id) REFERENCES hospital (hospital_id),
    CONSTRAINT fk_unit_offer_incident_id FOREIGN KEY (incident_id) REFERENCES incident (incident_id),
    CONSTRAINT fk_unit_offer_unit_id FOREIGN KEY (unit_id) REFERENCES unit (unit_id)
);
CREATE INDEX ix_unit_offer_search_id ON unit_offer (search_id);
CREATE INDEX ix_unit_offer_centre_id ON unit_offer (centre_id);
CREATE INDEX ix_unit_offer_hospital_id ON unit_offer (hospital_id);
CREATE INDEX ix_unit_offer_incident_id ON unit_offer (incident_id);
CREATE UNIQUE INDEX uq_unit_offer_pending ON unit_offer (unit_id) WHERE outcome = 'pending';
CREATE TABLE dispatch_event (
    event_id bigint GENERATED ALWAYS AS IDENTITY,
    at timestamptz NOT NULL,
    centre_id text NOT NULL,
    incident_id text,
    call_id text,
    unit_id text,
    kind text NOT NULL,
    actor_person_id text,
    seat_id text,
    command_id text,
    body jsonb NOT NULL,
    detail jsonb NOT NULL DEFAULT '{}'::jsonb,
    CONSTRAINT pk_dispatch_event PRIMARY KEY (event_id),
    CONSTRAINT fk_dispatch_event_centre_id FOREIGN KEY (centre_id) REFERENCES dispatch_centre (centre_id),
    CONSTRAINT fk_dispatch_event_incident_id FOREIGN KEY (incident_id) REFERENCES incident (incident_id),
    CONSTRAINT fk_dispatch_event_unit_id FOREIGN KEY (unit_id) REFERENCES unit (unit_id)
);
CREATE UNIQUE INDEX uq_dispatch_event_command ON dispatch_event (centre_id, command_id);
CREATE INDEX ix_dispatch_event_centre_id_at ON dispatch_event (centre_id, at);
CREATE INDEX ix_dispatch_event_incident_id ON dispatch_event (incident_id);
CREATE INDEX ix_dispatch_event_unit_id ON dispatch_event (unit_id);
