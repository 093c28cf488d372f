"""Choosing Reverb's category for one of the shop's: a search among all of them."""

import re
from dataclasses import dataclass
from http import HTTPStatus

from reverb_plugin.admin.form import locked_by
from reverb_plugin.admin.mapping import is_uuid
from reverb_plugin.admin.sections import SECTIONS, Section
from reverb_plugin.admin.shop_words import find_words
from reverb_plugin.admin.visit import Answer, Page, Redirect, Route, Visit
from reverb_plugin.categories import SEPARATOR, Categories, load_categories
from reverb_plugin.errors import ReverbError
from reverb_plugin.reverb_api.models import Category
from reverb_plugin.settings import Policy, get_info
from reverb_plugin.sync.remote import NotNowError

SECTION = "categories"
SHOWN = 50

WHAT_IT_DOES = {
    Policy.ALWAYS: "Listings that exist move to the category that is chosen, when their product is saved.",
    Policy.ON_CREATE: "New listings are made in the category that is chosen; those that exist stay where they are.",
    Policy.NEVER: "The policy for categories is Never, so that no listing gets it.",
}
PART = re.compile(r"[>/|,]")


@dataclass(frozen=True, slots=True)
class Hit:
    """One of Reverb's categories; ``may_be_refused`` when it lies between the widest and the narrowest."""

    uuid: str
    full_name: str
    may_be_refused: bool
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class CategoryChoicePage:
    """The search for the category of ``word``, which ``count`` products have; None when they could not be counted.

    ``trouble`` says why Reverb's categories cannot be had.
    """

    sections: tuple[Section, ...]
    section: Section
    word: str
    query: str
    hits: tuple[Hit, ...]
    total: int
    count: int | None
    what_it_does: str
    trouble: str
    error: str


def show(visit: Visit) -> Answer:
    """The categories that match what is looked for; at first the last words of the shop's own name."""
    word = visit.request.args.get("word", "").strip()
    return _page(visit, word, visit.request.args.get("q", _last_part(word)).strip())


def save(visit: Visit) -> Answer:
    """Keeps the choice for one word."""
    form = visit.request.form
    word, uuid = form.get("word", "").strip(), form.get("uuid", "").strip()
    if _is_locked(visit):
        return Redirect("settings-section", {"section": SECTION}, notice="setting-locked")
    if not word or not is_uuid(uuid):
        error = "Enter the shop's category." if not word else "Choose one of the categories."
        return _page(visit, word, form.get("q", "").strip(), error, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    visit.desk.configuration.change_map("category_map", {word: uuid})
    return Redirect("settings-section", {"section": SECTION}, notice="category-saved")


def forget(visit: Visit) -> Answer:
    """Forgets the choice for one word."""
    word = visit.request.form.get("word", "")
    if _is_locked(visit):
        return Redirect("settings-section", {"section": SECTION}, notice="setting-locked")
    visit.desk.configuration.change_map("category_map", {word: None})
    return Redirect("settings-section", {"section": SECTION}, notice="category-forgotten")


def _page(visit: Visit, word: str, query: str, error: str = "", status: int = 200) -> Page:
    desk, trouble = visit.desk, ""
    hits: tuple[Hit, ...] = ()
    total = 0
    try:
        categories = load_categories(desk.store, lambda: desk.client, desk.clock)
        found = categories.search(query, SHOWN)
        chosen = desk.settings.category_map.get(word)
        hits = tuple(
            Hit(row.uuid, row.full_name, _may_be_refused(categories, row), row.uuid == chosen)
            for row in found.categories
        )
        total = found.total
    except ReverbError as problem:
        trouble = f"Reverb's categories cannot be had: {problem.message}"
    except NotNowError as problem:
        trouble = f"Reverb's categories cannot be had now: {problem.cause}."
    words, _ = find_words(desk)
    context = CategoryChoicePage(
        tuple(SECTIONS.values()),
        SECTIONS[SECTION],
        word,
        query,
        hits,
        total,
        words.categories[word] if words is not None and words.is_whole else None,
        WHAT_IT_DOES[desk.settings.policy_categories],
        trouble,
        error,
    )
    return Page("category_choice.html", context, status=status)


def _may_be_refused(categories: Categories, category: Category) -> bool:
    """Reverb takes the widest and the narrowest. Source: live answers, 400 for a category in the middle."""
    return SEPARATOR in category.full_name and categories.has_narrower(category)


def _last_part(word: str) -> str:
    return PART.split(word)[-1].strip()


def _is_locked(visit: Visit) -> bool:
    return bool(locked_by(get_info("category_map"), visit.desk.configuration.load()))


ROUTES = (
    Route("/settings/categories/choose", "category-choice", show),
    Route("/settings/categories/choose", "category-save", save, "POST"),
    Route("/settings/categories/forget", "category-forget", forget, "POST"),
)
