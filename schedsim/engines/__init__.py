"""Drivers of the scheduler, each with its own clock."""
