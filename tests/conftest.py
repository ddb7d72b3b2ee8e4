"""What every test runs under: the house rules, and real servers for those that ask for them."""

pytest_plugins = [
    "pytester",
    "tests.house_rules",
    "tests.fixtures_servers",
    "tests.fixtures_node",
    "tests.fixtures_process",
]
