"""Oscar's order app; only its event handler is the shop's own."""
