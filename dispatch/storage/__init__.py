"""Where things are kept: embedded servers, the scoped database session, the schema with its access rules, backups."""
