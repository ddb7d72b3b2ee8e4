"""Schema migrations, run by `dispatch.storage.migrate`."""
