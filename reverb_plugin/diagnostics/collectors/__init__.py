"""What goes into a bundle, one module for each source."""
