-- When a job failed for the first time, and how often it was claimed by a worker that died with it.
ALTER TABLE job ADD COLUMN failing_since timestamptz;
ALTER TABLE job ADD COLUMN lost int NOT NULL DEFAULT 0;
