"""What an update would do, before anything is done."""

import shutil
import sysconfig
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.version import Version

from reverb_plugin.errors import UpdateError
from reverb_plugin.store.sender import Sender
from reverb_plugin.update.index import PROJECT, ReleaseFile
from reverb_plugin.update.manager import Manager
from reverb_plugin.update.offer import Choice, Offer
from reverb_plugin.update.processes import Process
from reverb_plugin.update.recover import GUARD
from reverb_plugin.update.snapshot import find_entries
from reverb_plugin.update.wheel import WheelFacts

COMPILED_SHARE = 2
"""What pip compiles takes as much again."""

SPARE_BYTES = 20_000_000


@dataclass(frozen=True, slots=True)
class Spot:
    """Where the plugin is: ``purelib`` is the folder the package lies in, ``entries`` what of it is ours.

    ``database`` is the file, None when nothing was recorded yet; ``head`` its version.
    """

    data_folder: Path
    database: Path | None
    head: str | None
    purelib: Path
    entries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """From where to where, and what speaks against it. ``needs`` are the bytes wanted in each folder."""

    version_before: str
    offer: Offer
    file: ReleaseFile
    facts: WheelFacts
    spot: Spot
    additions: tuple[ReleaseFile, ...]
    needs: Mapping[Path, int]
    sender: Sender | None
    users: tuple[Process, ...]
    objections: tuple[str, ...]

    @property
    def migrates(self) -> bool:
        """Whether the database is brought to another version."""
        return self.spot.head is not None and self.spot.head != self.facts.schema_head

    @property
    def steps(self) -> tuple[str, ...]:
        """What would be done, in order, in words."""
        return tuple(_steps(self))


def find_spot(data_folder: Path, database: Path | None, head: str | None) -> Spot:
    """Where the plugin is installed.

    Raises:
        UpdateError: the environment does not know.
    """
    try:
        distribution = metadata.distribution(PROJECT)
    except metadata.PackageNotFoundError:
        raise UpdateError("The plugin is not installed as a package") from None
    purelib = Path(str(distribution.locate_file(""))).resolve()
    if purelib != Path(sysconfig.get_path("purelib")).resolve():
        raise UpdateError(f"The plugin lies in {purelib}, where pip does not install by itself; update it by hand")
    return Spot(data_folder, database, head, purelib, find_entries(distribution))


def make_plan(
    choice: Choice,
    before: Version,
    manager: Manager,
    spot: Spot,
    *,
    additions: tuple[ReleaseFile, ...],
    sender: Sender | None,
    users: tuple[Process, ...],
) -> Plan:
    """The plan for what was chosen.

    Raises:
        UpdateError: there is nothing to install.
    """
    if choice.offer is None or choice.file is None or choice.facts is None:
        reasons = "; ".join(f"{each.version} is not for here: {each.reason}" for each in choice.passed_over)
        raise UpdateError(f"Version {before} stays: {reasons}")
    needs = _needs(choice.file, choice.facts, spot)
    objections = [
        *_foreign(manager, choice.offer.version),
        *_objections(spot, needs),
        *_dependencies(choice.offer, additions),
    ]
    return Plan(
        str(before),
        choice.offer,
        choice.file,
        choice.facts,
        spot,
        additions,
        needs,
        sender,
        users,
        tuple(objections),
    )


def _needs(file: ReleaseFile, facts: WheelFacts, spot: Spot) -> Mapping[Path, int]:
    """The backup, the copy to try, and what the migration writes; the wheel, packed and unpacked, here and there."""
    database = spot.database.stat().st_size if spot.database is not None else 0
    work = (file.size or facts.unpacked_bytes) + facts.unpacked_bytes * (1 + COMPILED_SHARE)
    return {
        spot.data_folder: 3 * database + work + SPARE_BYTES,
        spot.purelib: COMPILED_SHARE * facts.unpacked_bytes + SPARE_BYTES,
    }


def _foreign(manager: Manager, version: str) -> Iterator[str]:
    if not manager.can_install:
        yield f"{manager.words} The command is: {manager.command_for(version)}"


def _objections(spot: Spot, needs: Mapping[Path, int]) -> Iterator[str]:
    if (spot.purelib / GUARD).exists():
        yield (
            f"An update of another shop in {spot.purelib} is under way, or was broken off: then the next command of "
            "that shop ends it"
        )
    together: dict[int, int] = {}
    for folder, needed in needs.items():
        device = folder.stat().st_dev
        together[device] = together.get(device, 0) + needed
        free = shutil.disk_usage(folder).free
        if free < together[device]:
            yield f"{folder} has {_megabytes(free)} of free space; {_megabytes(together[device])} are needed"
            return


def _dependencies(offer: Offer, additions: tuple[ReleaseFile, ...]) -> Iterator[str]:
    """Nothing else is brought into the shop's environment without a person's word."""
    if offer.adds and not additions:
        names = ", ".join(offer.adds)
        yield f"It needs what is not installed here: {names}. With --with-dependencies that is installed as well"


def _steps(plan: Plan) -> Iterator[str]:
    yield f"Download {plan.file.filename} from {plan.file.url} and check that its SHA-256 is {plan.file.sha256}"
    for file in plan.additions:
        yield f"Download {file.filename} as well, which it needs, and check that its SHA-256 is {file.sha256}"
    if plan.spot.database is not None:
        yield "Hold the sender, and back up the database"
    yield "Try the new version on a copy of the database, in a Python of its own"
    adding = "".join(f", add {file.filename}" for file in plan.additions)
    yield (
        f"Have pip replace reverb-plugin {plan.version_before} by {plan.offer.version} in {plan.spot.purelib}{adding}, "
        "and touch nothing else"
    )
    if plan.migrates:
        yield f"Migrate the database from version {plan.spot.head} to {plan.facts.schema_head}"
    yield "Let the sender go on"


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.0f} MB"
