"""Real processes under the same scheduler as the simulation: workers, dispatcher, and what disturbed them."""
