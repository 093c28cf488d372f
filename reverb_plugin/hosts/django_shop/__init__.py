"""What the hosts for Django's shops share: django-oscar and django-salesman. Imported only on request."""
