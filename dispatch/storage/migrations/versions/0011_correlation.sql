-- Which request was behind an event of a booking or an incident, and behind a search that goes on by itself.
ALTER TABLE booking_event ADD COLUMN correlation_id text;
ALTER TABLE dispatch_event ADD COLUMN correlation_id text;
ALTER TABLE unit_search ADD COLUMN correlation_id text;
