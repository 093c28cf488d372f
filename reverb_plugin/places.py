"""Where the plugin keeps its files."""

from pathlib import Path


def data_folder(chosen: str | Path | None) -> Path:
    """The folder of the database: the chosen one, else the per-user data folder of the operating system.

    It is absolute: a process may change its folder, and an update is taken up by one that was started elsewhere.
    """
    if chosen is not None:
        return Path(chosen).expanduser().absolute()
    import platformdirs  # noqa: PLC0415 - only needed when the host chose no folder

    return Path(platformdirs.user_data_dir("reverb-plugin", appauthor=False))
