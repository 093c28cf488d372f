"""A shop's process for tests of sudden deaths: ``python -m tests.orders.process FOLDER URL TOKEN ...``.

With ``--die`` it kills itself at a chosen moment, as ``kill -9`` would. Its clock may be ahead.
"""

import argparse
import itertools
from pathlib import Path

import reverb_plugin
from reverb_plugin.store.order_store import OrderStore
from reverb_plugin.store.store import Store
from tests.mass.process import LaterClock, die, say
from tests.orders.file_shop import SHOPS, ChangingShop, OrderingShop, SettingShop

MOMENTS = {
    "keeping a page": (OrderStore, "keep_page"),
    "writing the intent": (OrderStore, "begin_move"),
    "setting": (SettingShop, "set_quantity"),
    "changing": (ChangingShop, "change_quantity"),
    "ending the movement": (OrderStore, "end_move"),
    "placing": (OrderingShop, "place_order"),
    "cancelling": (OrderingShop, "cancel_order"),
    "remembering the order": (OrderStore, "change"),
    "settling": (Store, "settle"),
    "leasing": (Store, "lease"),
}


def die_at(moment, when, count):
    """Before or after the call of that number, the process is no more."""
    kind, name = MOMENTS[moment]
    original, numbers = getattr(kind, name), itertools.count(1)

    def deadly(*args, **kwargs):
        number = next(numbers)
        if number == count and when == "before":
            die()
        result = original(*args, **kwargs)
        if number == count and when == "after":
            die()
        return result

    setattr(kind, name, deadly)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("url")
    parser.add_argument("token")
    parser.add_argument("--shop", choices=SHOPS, default="changing")
    parser.add_argument("--ahead", type=float, default=0.0)
    parser.add_argument("--die", nargs=3, metavar=("MOMENT", "WHEN", "COUNT"))
    parser.add_argument("--seconds", type=float, default=60.0)
    options = parser.parse_args()
    plugin = reverb_plugin.configure(
        SHOPS[options.shop](Path(options.folder) / "shop.sqlite3"),
        token=options.token,
        api_url=options.url,
        data_dir=Path(options.folder) / "data",
        worker="none",
        clock=LaterClock(options.ahead),
    )
    say("ready")
    if options.die:
        moment, when, count = options.die
        die_at(moment, when, int(count))
    report = plugin.drain(options.seconds)
    say("left", report.left)
    plugin.close()


if __name__ == "__main__":
    main()
