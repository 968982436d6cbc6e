"""The parts of lockstep_module."""

MODULE_VERSION = 2
