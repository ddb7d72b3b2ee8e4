"""Training calls: the library of recorded scenarios. It talks the wire contract only."""
