"""How the library's recordings are made: scripts, and the tool that speaks them. The product runs none of it."""
