"""Figures of the product, one module a bench: `kiwimesh bench NAME` runs it and prints one JSON object.

In: the options that `arguments()` names. Out: what `run(**options)` returns; progress goes to the standard error
stream. Modules with a leading underscore are parts of benches. docs/performance.md has what was measured.
"""
