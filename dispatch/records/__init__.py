"""What is kept of what happened, for how long, and who may read it. Public names come from here."""
