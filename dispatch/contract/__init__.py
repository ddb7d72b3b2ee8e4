"""The wire contract: one frozen model per Socket.IO event and HTTP body; documents and client types come from it."""
