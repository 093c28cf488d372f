"""Where the plugin keeps its files."""

from pathlib import Path


def data_folder(chosen: str | Path | None) -> Path:
    """The folder of the database: the chosen one, else the per-user data folder of the operating system."""
    if chosen is not None:
        return Path(chosen).expanduser()
    import platformdirs  # noqa: PLC0415 - only needed when the host chose no folder

    return Path(platformdirs.user_data_dir("reverb-plugin", appauthor=False))
