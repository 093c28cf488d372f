"""``python -m reverb_plugin.simulator``: the simulator as a process of its own."""

import click

from reverb_plugin.simulator import serve


@click.command()
@click.option("--port", default=0, show_default=True, help="0 takes any free port.")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--token", help="The one token that is accepted; made up when left out.")
@click.option("--latency", "latency_seconds", default=0.0, show_default=True, help="Seconds before each answer.")
@click.option("--index-lag", "index_lag_seconds", default=1.0, show_default=True, help="Seconds the search lags.")
@click.option("--publish-delay", "publish_delay_seconds", default=1.0, show_default=True, help="Seconds to go live.")
@click.option("--photo-delay", "photo_delay_seconds", default=2.0, show_default=True, help="Seconds to fetch photos.")
@click.option("--requests-per-minute", type=int, help="Answer 429 beyond this; without it there is no limit.")
def main(**options: object) -> None:
    """Run a local Reverb until SIGTERM or SIGINT."""
    serve(**options)  # type: ignore[arg-type]  # click hands over what the options above declare


if __name__ == "__main__":
    main()
