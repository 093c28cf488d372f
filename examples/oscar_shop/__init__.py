"""A django-oscar shop that has the plugin plugged in: storefront, dashboard, and a simulated Reverb beside it."""
