"""Logs, metrics, supervised tasks and the clock: what every other part of the server is watched and timed by."""
