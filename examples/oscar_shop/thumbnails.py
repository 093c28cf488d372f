"""Pictures as they are: no library that makes them smaller is needed for a demo."""

from oscar.core.thumbnails import AbstractThumbnailer


class Originals(AbstractThumbnailer):
    """Gives each picture instead of a smaller one."""

    def generate_thumbnail(self, source, **_options):
        """The picture itself."""
        return source

    def delete_thumbnails(self, source):
        """There are none."""
