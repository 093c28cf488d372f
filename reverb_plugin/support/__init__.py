"""Support's side of a bundle: open it, compare two, try again what failed. A bundle may come from anybody."""
