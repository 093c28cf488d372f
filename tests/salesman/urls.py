"""A shop's addresses: the page beside them."""

from django.urls import include, path

urlpatterns = [path("reverb", include("reverb_plugin.hosts.salesman.urls"))]
