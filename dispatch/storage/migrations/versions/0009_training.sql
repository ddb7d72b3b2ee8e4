-- Scenario runs and their scores. What people add to a run (overrules, a countersignature) is append-only.
CREATE TABLE training_run (
    run_id text NOT NULL,
    centre_id text NOT NULL,
    call_id text NOT NULL,
    scenario_id text NOT NULL,
    title text NOT NULL,
    trainee_id text NOT NULL,
    trainer_id text NOT NULL,
    scored_at timestamptz NOT NULL DEFAULT now(),
    score double precision NOT NULL,
    passed boolean NOT NULL,
    rubric jsonb NOT NULL,
    sheet jsonb NOT NULL,
    CONSTRAINT pk_training_run PRIMARY KEY (run_id),
    CONSTRAINT uq_training_run_call_id UNIQUE (call_id),
    CONSTRAINT fk_training_run_centre_id FOREIGN KEY (centre_id) REFERENCES dispatch_centre (centre_id),
    CONSTRAINT fk_training_run_call_id FOREIGN KEY (call_id) REFERENCES call (call_id),
    CONSTRAINT fk_training_run_trainee_id FOREIGN KEY (trainee_id) REFERENCES person (person_id),
    CONSTRAINT fk_training_run_trainer_id FOREIGN KEY (trainer_id) REFERENCES person (person_id)
);
CREATE INDEX ix_training_run_centre_id_scored_at ON training_run (centre_id, scored_at);
CREATE INDEX ix_training_run_trainee_id ON training_run (trainee_id);
CREATE INDEX ix_training_run_trainer_id ON training_run (trainer_id);
CREATE TABLE training_overrule (
    overrule_id text NOT NULL,
    run_id text NOT NULL,
    centre_id text NOT NULL,
    trainee_id text NOT NULL,
    made_by text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    score double precision NOT NULL,
    passed boolean NOT NULL,
    comment text NOT NULL,
    CONSTRAINT pk_training_overrule PRIMARY KEY (overrule_id),
    CONSTRAINT fk_training_overrule_run_id FOREIGN KEY (run_id) REFERENCES training_run (run_id),
    CONSTRAINT fk_training_overrule_centre_id FOREIGN KEY (centre_id) REFERENCES dispatch_centre (centre_id),
    CONSTRAINT fk_training_overrule_trainee_id FOREIGN KEY (trainee_id) REFERENCES person (person_id),
    CONSTRAINT fk_training_overrule_made_by FOREIGN KEY (made_by) REFERENCES person (person_id)
);
CREATE INDEX ix_training_overrule_run_id ON training_overrule (run_id);
CREATE INDEX ix_training_overrule_centre_id ON training_overrule (centre_id);
CREATE INDEX ix_training_overrule_trainee_id ON training_overrule (trainee_id);
CREATE INDEX ix_training_overrule_made_by ON training_overrule (made_by);
CREATE TABLE training_countersign (
    run_id text NOT NULL,
    centre_id text NOT NULL,
    trainee_id text NOT NULL,
    signed_at timestamptz NOT NULL DEFAULT now(),
    comment text NOT NULL,
    CONSTRAINT pk_training_countersign PRIMARY KEY (run_id),
    CONSTRAINT fk_training_countersign_run_id FOREIGN KEY (run_id) REFERENCES training_run (run_id),
    CONSTRAINT fk_training_countersign_centre_id FOREIGN KEY (centre_id) REFERENCES dispatch_centre (centre_id),
    CONSTRAINT fk_training_countersign_trainee_id FOREIGN KEY (trainee_id) REFERENCES person (person_id)
);
CREATE INDEX ix_training_countersign_centre_id ON training_countersign (centre_id);
CREATE INDEX ix_training_countersign_trainee_id ON training_countersign (trainee_id);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON training_overrule EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON training_countersign EXECUTE FUNCTION refuse_change();
