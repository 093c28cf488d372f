"""The one tree of errors.

::

    PluginError
    +-- InvalidValueError          a value object, a setting or a row holds nonsense
    |   +-- InvalidSettingError
    +-- HostError                  the shop's adapter raised or broke its contract
    +-- NotConfiguredError         something the seller has to enter is missing
    |   +-- NoShopError            a command that needs the shop was given none
    +-- RunError                   a mass sync cannot do this now
    |   +-- RunActiveError
    |   +-- RunTooSoonError
    |   +-- RunNeedsConfirmationError
    +-- OrderError                 the order does not allow this
    +-- UnreadableBundleError      a bundle cannot be opened
    +-- ReplayError                a failure cannot be tried again
    +-- StoreError                 our database cannot be used
    |   +-- StoreLockedError
    |   +-- StoreNewerError
    +-- UpdateError                the plugin cannot be updated so
    |   +-- IndexUnreachableError  no answer of the package index
    |   +-- IndexRefusedError      an answer of it that cannot be trusted or read
    |   +-- ReleaseRefusedError    a file of a release that is not what it should be
    |   +-- UpdateFailedError      an update that failed; the version from before is back
    +-- ReverbError                Reverb, or the way to it
        +-- RefusedError           the product has to change
        |   +-- DuplicateSkuError
        |   +-- LockedListingError
        +-- NotPublishedError      the listing stays a draft
        +-- NotFoundError          the listing or order is gone
        +-- NotAllowedError        the account has to change (billing, verification, scope)
        +-- TokenRefusedError      the token is dead
        +-- RateLimitedError       too many requests
        +-- UnavailableError       Reverb is down, or cannot be reached
        +-- AmbiguousError         a write got no readable answer: it may have taken effect
        +-- UnexpectedLinkError    an answer points outside Reverb's API

The class docstring is the default message. Every class has a stable kebab-case ``code``, a ``hint`` (what to do
next) and says whose ``turn`` it is; tests keep the documentation complete.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal

Turn = Literal["seller", "developer", "reverb", "network"]


@dataclass(frozen=True, slots=True)
class FieldError:
    """One complaint about one field; ``field`` is None when it is about the whole."""

    field: str | None
    message: str

    def __str__(self) -> str:
        return f"{self.field}: {self.message}" if self.field else self.message


class PluginError(Exception):
    """Something went wrong in the Reverb plugin."""

    code: ClassVar[str] = "plugin-error"
    hint: ClassVar[str] = "Export the log and send it to support."
    turn: ClassVar[Turn] = "developer"

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or type(self).__doc__ or type(self).__name__)

    @property
    def message(self) -> str:
        """What happened, in one sentence."""
        return str(self.args[0])


class InvalidValueError(PluginError):
    """A value cannot be used."""

    code = "invalid-value"
    hint = "Correct the named field in the shop, then save the product again."
    turn: ClassVar[Turn] = "seller"

    def __init__(self, field: str, value: object, problem: str) -> None:
        self.field = field
        self.value = value
        self.problem = problem
        super().__init__(f"{field}: {problem} (got {_shorten(repr(value))})")


class InvalidFileError(InvalidValueError):
    """A file from the shop cannot be read as what it should be."""

    code = "invalid-file"
    hint = "Export or save the file again; docs/csv.md and docs/command-line.md tell which columns it needs."

    def __init__(self, path: object, problem: str) -> None:
        super().__init__("file", str(path), problem)


class InvalidSettingError(InvalidValueError):
    """A setting cannot have this value."""

    code = "invalid-setting"
    hint = "`reverb-plugin settings show` lists each setting with the values it takes."


class HostError(PluginError):
    """The shop's adapter failed or broke its contract."""

    code = "host-error"
    hint = "Run the host conformance suite of reverb_plugin.testing against the adapter."


class NotConfiguredError(PluginError):
    """Something has to be set up before this can work."""

    code = "not-configured"
    hint = "Enter the token: `reverb-plugin settings set token` or the environment variable REVERB_TOKEN."
    turn: ClassVar[Turn] = "seller"


class NoShopError(NotConfiguredError):
    """The command needs a shop, and none was named."""

    code = "no-shop"
    hint = "Name it: `--host package.module:attribute`, REVERB_HOST, or a product file where the command takes one."
    turn = "developer"


class UnreadableBundleError(PluginError):
    """The bundle cannot be opened."""

    code = "bundle-unreadable"
    hint = (
        "Name the file as it is called. When it is the right one, have the shop's admin send it again, "
        "as `reverb-plugin bundle` made it."
    )


class ReplayError(PluginError):
    """The failure cannot be tried again."""

    code = "replay-not-possible"
    hint = "Have the shop's admin export a bundle with `--sku` soon after it happened, from where the shop runs."


class StoreError(PluginError):
    """The plugin's database cannot be used."""

    code = "store-unusable"
    hint = "Check that the data folder exists, belongs to the user the shop runs as, and has free space."


class StoreLockedError(StoreError):
    """The plugin's database stayed locked by another process."""

    code = "store-locked"
    hint = "Find the process that holds the database open (a backup, a database browser) and end it."


class StoreNewerError(StoreError):
    """The plugin's database was written by a newer version of the plugin."""

    code = "store-newer"
    hint = "Install the newer version again, or restore the database from before the update."


class RunError(PluginError):
    """The mass sync cannot do this now."""

    code = "run-not-possible"
    hint = "`reverb-plugin mass-sync --status` shows what is under way."
    turn: ClassVar[Turn] = "seller"


class SettleError(RunError):
    """This drift cannot be settled so."""

    code = "settle-not-possible"
    hint = "`reverb-plugin drift --show` shows what the last check found."


class RunActiveError(RunError):
    """Another mass sync or drift check is under way."""

    code = "run-active"
    hint = (
        "Wait for it. When no process sends it any more, `reverb-plugin mass-sync --resume` does; `--cancel` ends it."
    )


class RunTooSoonError(RunError):
    """The last mass sync was not long ago."""

    code = "run-too-soon"
    hint = "Wait, or lower the setting mass_sync_pause_hours; products that are saved are sent at once anyway."


class RunNeedsConfirmationError(RunError):
    """The mass sync would change more than it may without a person's word."""

    code = "run-needs-confirmation"
    hint = "Look at its rows; if they are meant, apply it with --confirm-mass-change."


class OrderError(PluginError):
    """The order does not allow this."""

    code = "order-not-possible"
    hint = "`reverb-plugin orders` shows what can be done with each order."
    turn: ClassVar[Turn] = "seller"


class UpdateError(PluginError):
    """The plugin cannot be updated so."""

    code = "update-not-possible"
    hint = "`reverb-plugin update --check` shows what there is and what speaks against it."


class IndexUnreachableError(UpdateError):
    """The package index cannot be reached."""

    code = "index-unreachable"
    hint = "Try again later. Behind a proxy, set HTTPS_PROXY; for an index of your own, the setting update_index_url."
    turn: ClassVar[Turn] = "network"


class IndexRefusedError(UpdateError):
    """The package index gave an answer that cannot be used."""

    code = "index-refused"
    hint = "Check the setting update_index_url; it has to be the address of a package index, such as https://pypi.org/simple/."


class ReleaseRefusedError(UpdateError):
    """A file of the release is not what the package index says it is."""

    code = "release-refused"
    hint = "Do not install it by other means. Tell the people who make the plugin, or those who run the package index."


class UpdateFailedError(UpdateError):
    """The update failed; the version from before is in place."""

    code = "update-failed"
    hint = "Nothing is lost and the shop goes on as before. Put right what the message names, then try again."


class ReverbError(PluginError):
    """Reverb answered with an error."""

    code = "reverb-error"
    hint = "Look at Reverb's message; try again when its cause is gone."
    turn: ClassVar[Turn] = "reverb"

    def __init__(
        self,
        message: str | None = None,
        *,
        status: int | None = None,
        errors: tuple[FieldError, ...] = (),
        request_id: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.errors = errors
        self.request_id = request_id


class RefusedError(ReverbError):
    """Reverb refused the listing as it is."""

    code = "refused"
    hint = "Correct in the shop what Reverb's message names and save the product; it is sent again by itself."
    turn = "seller"


class DuplicateSkuError(RefusedError):
    """Reverb says that a listing with this SKU exists already."""

    code = "duplicate-sku"
    hint = "Look for the SKU among your listings on Reverb; give one of the two another SKU."


class LockedListingError(RefusedError):
    """The one-of-a-kind item was sold on Reverb; its listing is locked for good."""

    code = "listing-locked"
    hint = "List another item of this kind under a SKU of its own."


class NotPublishedError(ReverbError):
    """Reverb has not published the listing."""

    code = "not-published"
    hint = "Look at the warnings beside it and at the draft on Reverb; correct the product and save it again."
    turn = "seller"


class NotFoundError(ReverbError):
    """Reverb does not know this listing or order."""

    code = "not-found"
    hint = "The listing was removed on Reverb; save the product to look for it again."
    turn = "seller"


class NotAllowedError(ReverbError):
    """Reverb does not allow this for the account."""

    code = "not-allowed"
    hint = "Open the page on Reverb that is linked beside this message and finish what it asks for."
    turn = "seller"

    def __init__(
        self,
        message: str | None = None,
        *,
        page_url: str,
        status: int | None = None,
        errors: tuple[FieldError, ...] = (),
        request_id: str | None = None,
    ) -> None:
        super().__init__(message, status=status, errors=errors, request_id=request_id)
        self.page_url = page_url


class TokenRefusedError(ReverbError):
    """Reverb no longer accepts the token."""

    code = "token-refused"
    hint = "Make a new token on Reverb (My Account, API & Integrations) for this environment and enter it."
    turn = "seller"


class RateLimitedError(ReverbError):
    """Reverb asked us to slow down."""

    code = "rate-limited"
    hint = "Nothing to do: the plugin waits and slows down by itself."

    def __init__(
        self,
        message: str | None = None,
        *,
        retry_after_seconds: float | None = None,
        status: int | None = 429,
        errors: tuple[FieldError, ...] = (),
        request_id: str | None = None,
    ) -> None:
        super().__init__(message, status=status, errors=errors, request_id=request_id)
        self.retry_after_seconds = retry_after_seconds


class UnavailableError(ReverbError):
    """Reverb is down or cannot be reached."""

    code = "unavailable"
    hint = "Nothing to do: everything waits and is sent when Reverb answers again."
    turn = "network"


class AmbiguousError(ReverbError):
    """A write got no readable answer; it may or may not have taken effect."""

    code = "ambiguous"
    hint = "Nothing to do: the plugin looks the listing up before it sends anything again."
    turn = "network"


class UnexpectedLinkError(ReverbError):
    """Reverb's answer holds a link to somewhere else than its API."""

    code = "unexpected-link"
    hint = "Report it with the log; the link was not followed."


def find_hint(code: str, environment: str = "this environment") -> str | None:
    """What to do next about the error with this ``code`` in the ``environment`` it came from; None when it is none."""
    hint = next((kind.hint for kind in _kinds(PluginError) if kind.code == code), None)
    return hint and hint.replace("for this environment", f"for {environment}")


def _kinds(base: type[PluginError]) -> Iterator[type[PluginError]]:
    yield base
    for kind in base.__subclasses__():
        yield from _kinds(kind)


def _shorten(text: str, length: int = 80) -> str:
    return text if len(text) <= length else text[: length - 3] + "..."
