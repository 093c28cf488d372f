"""The settings: values that cannot be used, and the token."""

from urllib.parse import urlsplit

from reverb_plugin.diagnostics.check import Check, Repair, known_problem
from reverb_plugin.diagnostics.finding import MootError, Verdict, failed, passed, warned
from reverb_plugin.diagnostics.scene import Scene
from reverb_plugin.errors import InvalidSettingError, StoreError
from reverb_plugin.reverb_api.links import PRODUCTION_HOSTS, REVERB_HOSTS, check_base_url
from reverb_plugin.settings import Environment, get_info
from reverb_plugin.texts import DAY


def _unusable(scene: Scene) -> Verdict:
    """One that was given has no effect: another source or the default speaks instead."""
    problems = scene.loaded.problems
    if problems:
        name = problems[0].field
        cause = f"The setting {name} cannot be used: {problems[0].problem}."
        if name in _saved_in_vain(scene):
            return failed(cause, "Enter it anew in the settings.")
        return failed(
            cause, f"Correct {get_info(name).variable} in the environment, or what the shop gives to configure()."
        )
    return passed("All settings can be used.")


def _saved_in_vain(scene: Scene) -> list[str]:
    """The settings whose saved value cannot be used. One that is saved well may be given badly elsewhere."""
    found = []
    for name, text in (scene.store.saved_settings() if scene.has_settings else {}).items():
        try:
            get_info(name).parse(text)
        except InvalidSettingError:
            found.append(name)
    return [problem.field for problem in scene.loaded.problems if problem.field in found]


def _forget(scene: Scene) -> str:
    """Those that are saved; arguments and environment variables are not ours to change."""
    names = _saved_in_vain(scene)
    if not names:
        raise MootError("what cannot be used is not saved in the database")
    scene.store.save_settings(dict.fromkeys(names))
    defaults = ", ".join(f"{name} ({get_info(name).default})" for name in names)
    return f"Forgotten, so that the default counts: {defaults}."


def _token(scene: Scene) -> Verdict:
    if scene.settings.token is None and _is_given_elsewhere(scene):
        cause = "No token is to be seen from here, although sending works: the shop's code gives it to configure()."
        return warned(cause, "Name the shop's plugin to have everything looked at: reverb-plugin doctor --host ...")
    if scene.settings.token is None and scene.file.exists and not scene.has_settings:
        raise MootError("the database cannot be read, and the token may be in it")
    if scene.settings.token is None:
        step = "Make a token on Reverb (API & Integrations) and enter it: `reverb-plugin settings set token`."
        return failed("No token has been entered, so that nothing is sent.", step)
    return passed(f"There is a token (from the {scene.loaded.sources['token']}).")


def _is_given_elsewhere(scene: Scene) -> bool:
    """A command does not see what the shop's own code gives."""
    try:
        last_at = scene.facts.last_success_at
    except (MootError, StoreError):
        return False
    is_recent = last_at is not None and (scene.clock.now() - last_at).total_seconds() < DAY
    return scene.process is None and is_recent


def _address(scene: Scene) -> Verdict:
    """A token of the one must never get to the other, and nothing that is tried out to real buyers."""
    try:
        host, environment = urlsplit(check_base_url(scene.api_url)).hostname, scene.settings.environment
    except InvalidSettingError as error:
        cause = f"The address of the API cannot be used: {error.message}."
        return failed(cause, "Leave out api_url (--api-url, REVERB_API_URL): it is for simulators only.")
    meant = Environment.PRODUCTION if host in PRODUCTION_HOSTS else Environment.SANDBOX
    if host in REVERB_HOSTS and meant is not environment:
        cause = f"The environment is {environment}, but requests go to {host}, which is the {meant}."
        return failed(cause, "Leave out api_url (REVERB_API_URL), or set the environment that belongs to it.")
    return passed(f"Requests go to {host} for the {environment}.")


FORGET = Repair("Forget what cannot be used", _forget, lambda scene: bool(_saved_in_vain(scene)))

CHECKS = (
    Check("setting-unusable", "Settings", _unusable, repair=FORGET),
    Check("no-token", "Token entered", _token, ("database-missing",)),
    Check("other-address", "Address of the API", _address),
)

QUIET = (
    Check(
        "auto-sync-off",
        "Auto-sync",
        known_problem(
            "auto-sync-off",
            "Products are sent when they are saved.",
            "Turn it on unless it is meant so: `reverb-plugin settings set auto_sync on`.",
        ),
    ),
)
"""Choices that a person may have forgotten; told behind everything else."""
