"""Kiwimesh: a realtime AI emergency dispatch server.

The data path: audio frame -> transcript -> findings -> redaction -> route -> urgency -> triage card -> console.
It reads top to bottom in `dispatch.calls.pipeline`.
"""
