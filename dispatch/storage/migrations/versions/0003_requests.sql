-- The keys of requests that were carried out, with their answers.
CREATE TABLE idempotency_key (
    person_id text NOT NULL,
    key text NOT NULL,
    fingerprint text NOT NULL,
    answer jsonb,
    version integer,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_idempotency_key PRIMARY KEY (person_id, key),
    CONSTRAINT fk_idempotency_key_person_id FOREIGN KEY (person_id) REFERENCES person (person_id)
);
