"""Addresses in words to coordinates, for what no gazetteer has. Dispatching has the port."""

from .nominatim import Nominatim

__all__ = ["Nominatim"]
