-- Medical directors of dispatch centres, and their approvals of protocols, which are append-only.
CREATE TABLE medical_director (
    director_id text NOT NULL,
    person_id text NOT NULL,
    centre_id text NOT NULL,
    appointed_by text NOT NULL,
    appointed_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz,
    CONSTRAINT pk_medical_director PRIMARY KEY (director_id),
    CONSTRAINT fk_medical_director_person_id FOREIGN KEY (person_id) REFERENCES person (person_id),
    CONSTRAINT fk_medical_director_centre_id FOREIGN KEY (centre_id) REFERENCES dispatch_centre (centre_id),
    CONSTRAINT fk_medical_director_appointed_by FOREIGN KEY (appointed_by) REFERENCES person (person_id)
);
CREATE INDEX ix_medical_director_centre_id ON medical_director (centre_id);
CREATE INDEX ix_medical_director_appointed_by ON medical_director (appointed_by);
CREATE UNIQUE INDEX uq_medical_director_person_id_centre_id ON medical_director (person_id, centre_id) WHERE ended_at IS NULL;
CREATE TABLE protocol_approval (
    approval_id text NOT NULL,
    centre_id text NOT NULL,
    protocol_id text NOT NULL,
    number integer NOT NULL,
    deed text NOT NULL,
    version text NOT NULL,
    digest text NOT NULL,
    person_id text NOT NULL,
    name text NOT NULL,
    done_at timestamptz NOT NULL DEFAULT now(),
    second_factor boolean NOT NULL,
    reason text NOT NULL DEFAULT '',
    CONSTRAINT pk_protocol_approval PRIMARY KEY (approval_id),
    CONSTRAINT uq_protocol_approval_centre_id_protocol_id_number UNIQUE (centre_id, protocol_id, number),
    CONSTRAINT ck_protocol_approval_deed CHECK (deed IN ('signed', 'withdrawn')),
    CONSTRAINT fk_protocol_approval_centre_id FOREIGN KEY (centre_id) REFERENCES dispatch_centre (centre_id),
    CONSTRAINT fk_protocol_approval_person_id FOREIGN KEY (person_id) REFERENCES person (person_id)
);
CREATE INDEX ix_protocol_approval_person_id ON protocol_approval (person_id);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON protocol_approval EXECUTE FUNCTION refuse_change();
