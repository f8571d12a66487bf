"""The local cloud: installs the emulator, deploys template.yaml to it and serves it on one port.

Only the standard library is used until the emulator's virtual environment exists; `stack` and
`template` need what lies in it.
"""
