"""The state machine: it is told what happened and when, and answers whom to run and for how long.

There is no clock, no I/O and no simpy in here. ``core.Scheduler.deliver`` is the only entrance;
``machine.Machine`` is the only way out. ``inputs.in_order`` is the order at one instant.
"""
