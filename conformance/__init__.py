"""The conformance suite: what a correct tokenizer, encoder and embedding service must do.

`python -m conformance --help` lists what it can do; the tests are in `conformance/tests`.
"""

SUITE_VERSION = "2026.11"
