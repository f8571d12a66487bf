"""The test suite: sections that can run alone, each with what it needs installed first."""
