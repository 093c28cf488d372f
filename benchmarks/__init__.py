"""The measures of the plugin, one module each; ``python -m benchmarks`` prints them with their goals."""
