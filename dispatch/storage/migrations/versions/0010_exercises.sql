-- Exercises that trainers ask for, the players that play them, and what trainers make happen on the line.
CREATE TABLE training_player (
    player_id text NOT NULL,
    centre_id text NOT NULL,
    seen_at timestamptz NOT NULL DEFAULT now(),
    offers jsonb NOT NULL,
    CONSTRAINT pk_training_player PRIMARY KEY (player_id),
    CONSTRAINT fk_training_player_centre_id FOREIGN KEY (centre_id) REFERENCES dispatch_centre (centre_id)
);
CREATE INDEX ix_training_player_centre_id ON training_player (centre_id);
CREATE TABLE training_exercise (
    exercise_id text NOT NULL,
    centre_id text NOT NULL,
    scenario_id text NOT NULL,
    title text NOT NULL,
    trainee_id text NOT NULL,
    trainer_id text NOT NULL,
    requested_at timestamptz NOT NULL DEFAULT now(),
    state text NOT NULL DEFAULT 'requested',
    player_id text,
    changed_at timestamptz NOT NULL DEFAULT now(),
    call_id text,
    run_id text,
    problem text NOT NULL DEFAULT '',
    script jsonb NOT NULL DEFAULT '{}'::jsonb,
    CONSTRAINT pk_training_exercise PRIMARY KEY (exercise_id),
    CONSTRAINT fk_training_exercise_centre_id FOREIGN KEY (centre_id) REFERENCES dispatch_centre (centre_id),
    CONSTRAINT fk_training_exercise_trainee_id FOREIGN KEY (trainee_id) REFERENCES person (person_id),
    CONSTRAINT fk_training_exercise_trainer_id FOREIGN KEY (trainer_id) REFERENCES person (person_id),
    CONSTRAINT fk_training_exercise_run_id FOREIGN KEY (run_id) REFERENCES training_run (run_id)
);
CREATE INDEX ix_training_exercise_centre_id_requested_at ON training_exercise (centre_id, requested_at);
CREATE INDEX ix_training_exercise_open ON training_exercise (centre_id) WHERE state NOT IN ('over', 'failed');
CREATE INDEX ix_training_exercise_trainee_id ON training_exercise (trainee_id);
CREATE INDEX ix_training_exercise_trainer_id ON training_exercise (trainer_id);
CREATE INDEX ix_training_exercise_run_id ON training_exercise (run_id);
CREATE TABLE training_injection (
    exercise_id text NOT NULL,
    number integer NOT NULL,
    centre_id text NOT NULL,
    kind text NOT NULL,
    line_id text,
    made_by text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    done_at timestamptz,
    CONSTRAINT pk_training_injection PRIMARY KEY (exercise_id, number),
    CONSTRAINT fk_training_injection_exercise_id FOREIGN KEY (exercise_id) REFERENCES training_exercise (exercise_id),
    CONSTRAINT fk_training_injection_centre_id FOREIGN KEY (centre_id) REFERENCES dispatch_centre (centre_id),
    CONSTRAINT fk_training_injection_made_by FOREIGN KEY (made_by) REFERENCES person (person_id)
);
CREATE INDEX ix_training_injection_centre_id ON training_injection (centre_id);
CREATE INDEX ix_training_injection_made_by ON training_injection (made_by);
