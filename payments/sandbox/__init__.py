"""A stand-in for the payment gateways, in a process of its own: it knows nothing of the shop."""
