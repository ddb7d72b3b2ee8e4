"""What is somebody else's: payments, messages, pushes, files, pharmacies, addresses. A folder for each port.

Each has the port, an in-memory adapter that writes to the outbox, and adapters named by their service; `chosen` picks
by the settings. All of them speak through `wire`, where nothing of an exercise gets out. Import from the folders.
"""
