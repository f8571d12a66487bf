"""Tests of the scripts: `python -m unittest discover` from this folder's parent."""
