"""The differential fuzzer: an engine against the oracle, on texts that nobody wrote."""
