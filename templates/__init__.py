"""Jinja2 templates, flat; partials have a leading underscore."""
