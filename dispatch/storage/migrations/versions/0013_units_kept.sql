-- A unit that is out of service for good, or for long: off duty, and on no incident. No row from before is withdrawn.
ALTER TABLE unit ADD COLUMN withdrawn_at timestamptz;
ALTER TABLE unit ADD CONSTRAINT ck_unit_withdrawn CHECK (withdrawn_at IS NULL OR (NOT on_duty AND incident_id IS NULL)) NOT VALID;
