"""Adapters to servers of models. Each is the only module that imports its SDK, and does so when it is first used."""
