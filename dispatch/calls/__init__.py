"""One live call, from its first frame to its disposition. `pipeline` is the data path; `switchboard` holds the calls."""
