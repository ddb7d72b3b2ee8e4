"""The wire contract: one frozen model per Socket.IO event and HTTP body. Documents and client types are generated from it."""
