"""Which release to offer, and why not the newer ones. Pure: the index's page and this environment go in."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.tags import Tag
from packaging.utils import canonicalize_name
from packaging.version import Version

from reverb_plugin.errors import ReleaseRefusedError
from reverb_plugin.update.changelog import Section, changes_between, parse_changelog
from reverb_plugin.update.index import PROJECT, ProjectPage, ReleaseFile
from reverb_plugin.update.wheel import WheelFacts

MOST_READ = 5
MOST_PASSED_OVER = 10


@dataclass(frozen=True, slots=True)
class Demand:
    """What an installed distribution, called ``by``, requires of our version."""

    by: str
    specifier: SpecifierSet


@dataclass(frozen=True, slots=True)
class Here:
    """This environment. ``installed`` has the version of each distribution by its normalised name."""

    version: Version
    python: Version
    tags: frozenset[Tag]
    schema_head: str
    installed: Mapping[str, Version]
    demands: Sequence[Demand] = ()


@dataclass(frozen=True, slots=True)
class Offer:
    """A release that can be installed here.

    ``sections`` are the changes since the installed version, the newest first; ``adds`` what it needs that is not
    installed yet, as requirements.
    """

    version: str
    sections: tuple[Section, ...]
    is_security: bool
    needs_migration: bool
    adds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A newer release that is not offered, and why."""

    version: str
    reason: str


@dataclass(frozen=True, slots=True)
class Choice:
    """The newest release that can be offered, with its file and what is in it; None when there is none."""

    offer: Offer | None = None
    file: ReleaseFile | None = None
    facts: WheelFacts | None = None
    passed_over: tuple[PassedOver, ...] = ()


def choose(page: ProjectPage, here: Here, read: Callable[[ReleaseFile], WheelFacts]) -> Choice:
    """The newest release that this environment can take; an older one than the installed is never offered.

    ``read`` looks into the wheel of a release; its error other than :class:`ReleaseRefusedError` comes out of here.
    """
    passed_over: list[PassedOver] = []
    reads = 0
    for version, files in _newer_releases(page, here.version):
        file, reason = _find_file(files, here)
        if file is not None:
            if reads == MOST_READ:
                break
            reads += 1
            try:
                facts = read(file)
            except ReleaseRefusedError as error:
                reason = error.message
            else:
                reason = next(_objections(facts, here), "")
                if not reason:
                    return Choice(_make_offer(facts, here), file, facts, tuple(passed_over))
        if len(passed_over) < MOST_PASSED_OVER:
            passed_over.append(PassedOver(str(version), reason))
    return Choice(passed_over=tuple(passed_over))


def newest_version(page: ProjectPage) -> Version | None:
    """The newest release on the page that is no pre-release and can be fetched."""
    return max((file.version for file in page.files if not file.flaw and not file.version.is_prerelease), default=None)


def _newer_releases(page: ProjectPage, than: Version) -> Iterator[tuple[Version, list[ReleaseFile]]]:
    newer = [file for file in page.files if file.version > than]
    newer.sort(key=lambda file: (file.version, file.filename), reverse=True)
    for version, files in groupby(newer, key=lambda file: file.version):
        yield version, list(files)


def _find_file(files: Sequence[ReleaseFile], here: Here) -> tuple[ReleaseFile | None, str]:
    """The wheel of a release that suits this environment; None and why there is none."""
    reasons = []
    for file in files:
        reason = _find_objection(file, here)
        if not reason:
            return file, ""
        reasons.append((file.tags is not None, reason))
    return None, max(reasons)[1]  # what is wrong with a wheel says more than that the other file is none


def _find_objection(file: ReleaseFile, here: Here) -> str:
    if file.version.is_prerelease:
        return "it is a pre-release"
    if file.yanked is not None:
        return f"it was withdrawn{f': {file.yanked[:200]}' if file.yanked else ''}"
    if file.flaw:
        return file.flaw
    if file.tags is None:
        return "it has no wheel"
    if not file.tags & here.tags:
        return "it is made for other systems"
    return _python_objection(file.requires_python, here.python)


def _python_objection(requires_python: str, python: Version) -> str:
    try:
        suits = SpecifierSet(requires_python).contains(python, prereleases=True)
    except InvalidSpecifier:
        return f"which Python it needs cannot be read: {requires_python[:50]}"
    return "" if suits else f"it needs Python {requires_python}, here is {python}"


def _objections(facts: WheelFacts, here: Here) -> Iterator[str]:
    if reason := _python_objection(facts.requires_python, here.python):
        yield reason
    if facts.schema_head and facts.schema_head < here.schema_head:
        yield f"it knows the database up to version {facts.schema_head} only, in use is {here.schema_head}"
    for requirement in facts.requires:
        name = canonicalize_name(requirement.name)
        found = here.installed.get(name)
        if name == PROJECT or (requirement.marker is not None and not requirement.marker.evaluate()):
            continue
        if requirement.url is not None:
            yield f"it wants {name} from an address outside the package index"
        elif found is not None and not requirement.specifier.contains(found, prereleases=True):
            yield f"it needs {name} {requirement.specifier}, here is {found}, which other software may need as it is"
    for demand in here.demands:
        if not demand.specifier.contains(facts.version, prereleases=True):
            yield f"{demand.by}, which is installed here, needs {PROJECT} {demand.specifier}"


def _make_offer(facts: WheelFacts, here: Here) -> Offer:
    sections = changes_between(parse_changelog(facts.description), here.version, Version(facts.version))
    return Offer(
        version=facts.version,
        sections=sections,
        is_security=any(section.is_security for section in sections),
        needs_migration=facts.schema_head != here.schema_head,
        adds=tuple(_additions(facts, here)),
    )


def _additions(facts: WheelFacts, here: Here) -> Iterator[str]:
    for requirement in facts.requires:
        if canonicalize_name(requirement.name) in {PROJECT, *here.installed}:
            continue
        if requirement.marker is None or requirement.marker.evaluate():
            yield f"{requirement.name}{requirement.specifier}"
