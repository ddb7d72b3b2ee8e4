"""What every test runs under: the house rules, and real servers for those that ask for them."""

import gc

pytest_plugins = [
    "pytester",
    "tests.house_rules",
    "tests.fixtures_servers",
    "tests.fixtures_node",
    "tests.fixtures_process",
]

gc.disable()
"""What is imported and collected here stays to the end; the house rules switch the search for garbage on after it."""
