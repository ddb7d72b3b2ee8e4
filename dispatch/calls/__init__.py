"""One live call, from its first frame to its end. `pipeline` is the data path; `switchboard` holds the calls."""
