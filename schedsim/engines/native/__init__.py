"""Processes under the kernel's own scheduling classes: nobody dispatches, somebody watches."""
