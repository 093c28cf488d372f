"""A template and what it is given fit each other: no name is used that is not offered, and none offered for nothing."""

import ast
import dataclasses
import re
from pathlib import Path

import pytest
from jinja2 import meta, nodes

import reverb_plugin.admin
from reverb_plugin.admin import app
from reverb_plugin.admin.notices import NOTICES
from reverb_plugin.admin.pages import (
    category_choice,
    first_run,
    log,
    mass_sync,
    orders,
    overview,
    products,
    settings,
    support,
    update,
)
from reverb_plugin.admin.rendering import COMMON, environment
from reverb_plugin.admin.static_files import static_files

SOURCES = sorted(Path(reverb_plugin.admin.__file__).parent.rglob("*.py"))

CONTEXTS = {
    "category_choice.html": category_choice.CategoryChoicePage,
    "error.html": app.ErrorPage,
    "first_run.html": first_run.FirstRunPage,
    "log.html": log.LogRows,
    "log_entry.html": log.LogEntryPage,
    "mass_sync.html": mass_sync.MassSyncPage,
    "order.html": orders.OrderPage,
    "order_carriers.html": orders.CarriersPage,
    "orders.html": orders.OrdersPage,
    "overview.html": overview.OverviewPage,
    "product.html": products.ProductPage,
    "products.html": products.ProductsPage,
    "run.html": mass_sync.RunPage,
    "settings_categories.html": settings.CategoriesPage,
    "settings_conditions.html": settings.ConditionsPage,
    "settings_connection.html": settings.ConnectionPage,
    "settings_fields.html": settings.SectionPage,
    "settings_form.html": settings.SectionPage,
    "settings_orders.html": settings.OrdersPage,
    "settings_price_stock.html": settings.PriceStockPage,
    "settings_review.html": settings.ReviewPage,
    "support.html": support.SupportPage,
    "update.html": update.UpdatePage,
}
"""What each page's template is given."""

NO_PAGES = ("_", "simulator_", "demo_", "bundle_", "layout.html", "alone.html", "let_in.html")


def parse(name):
    source = environment().loader.get_source(environment(), name)[0]
    return environment().parse(source)


def family(name):
    """The template and all that it extends, includes or imports."""
    found, waiting = {}, [name]
    while waiting:
        each = waiting.pop()
        if each not in found:
            found[each] = parse(each)
            waiting.extend(meta.find_referenced_templates(found[each]))
    return found


def undeclared(name):
    """The names that the template and its family expect to be given."""
    trees = family(name).values()
    return set().union(*(meta.find_undeclared_variables(tree) - set(own_names(tree)) for tree in trees))


def own_names(tree):
    """What a template imports, defines or sets itself: its blocks see it."""
    for node in tree.find_all((nodes.Import, nodes.Macro, nodes.Assign, nodes.AssignBlock)):
        if isinstance(node, nodes.Assign | nodes.AssignBlock):
            yield from (name.name for name in node.target.find_all(nodes.Name))
            yield getattr(node.target, "name", "")
        else:
            yield node.target if isinstance(node, nodes.Import) else node.name


def inherited(kind):
    return {field.name for base in kind.__mro__[1:-1] for field in dataclasses.fields(base)}


def offered(name):
    return {field.name for field in dataclasses.fields(CONTEXTS[name])}


def test_each_page_is_known():
    """Every template of a page is compared with its context below."""
    pages = {name for name in environment().list_templates(["html"]) if not name.startswith(NO_PAGES)}
    assert pages == set(CONTEXTS)


@pytest.mark.parametrize("name", CONTEXTS)
def test_what_is_used_is_offered(name):
    """A template uses no name but those of its context and those that every page has."""
    assert undeclared(name) <= offered(name) | COMMON


@pytest.mark.parametrize("name", CONTEXTS)
def test_what_is_offered_is_used(name):
    """A context carries nothing that no template shows; templates of one class, or of its children, count together."""
    for kind in CONTEXTS[name].__mro__[:-1]:
        shown = set().union(*(undeclared(other) for other in CONTEXTS if issubclass(CONTEXTS[other], kind)))
        assert {field.name for field in dataclasses.fields(kind)} <= shown | inherited(kind)


@pytest.mark.parametrize("name", CONTEXTS)
def test_pages_and_files_that_are_named_exist(name):
    """Each ``url`` of a template names a route, and each ``static`` a file."""
    routes = {route.name for page in app.PAGES for route in page.ROUTES}
    for tree in family(name).values():
        for call in tree.find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.args and isinstance(call.args[0], nodes.Const):
                known = {"url": routes, "static": static_files()}.get(call.node.name)
                assert known is None or call.args[0].value in known, call.args[0].value


def words(text):
    return set(re.findall(r"[a-z][a-z0-9-]*", text))


def test_each_class_has_a_style():
    """No template names a class that the style does not know, but for hooks of the tests and of the script."""
    style = static_files()["page.css"].content.decode()
    known = set(re.findall(r"\.([a-z][a-z0-9-]*)", style))
    for name in set().union(*(family(name) for name in CONTEXTS)):
        source = environment().loader.get_source(environment(), name)[0]
        for value in re.findall(r'\sclass="([^"]*)"', source):
            plain = words(re.sub(r"\{[{%].*?[%}]\}\S*|\S*\{\{.*", " ", value))
            assert plain <= known, (name, plain - known)


def test_each_style_is_used():
    """The style has no class that stands in no template."""
    style = re.sub(r"/\*.*?\*/", "", static_files()["page.css"].content.decode(), flags=re.DOTALL)
    chosen = re.compile(r"(environment|tone)-")  # the class is put together from a value
    templates = [
        environment().loader.get_source(environment(), name)[0] for name in environment().list_templates(["html"])
    ]
    python = [source.read_text() for source in SOURCES]
    used = set().union(*map(words, [*templates, *python]))
    assert {name for name in re.findall(r"\.([a-z][a-z0-9-]*)", style) if not chosen.match(name)} <= used


def calls(function):
    for source in SOURCES:
        for node in ast.walk(ast.parse(source.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == function:
                yield node


def test_notices_are_known():
    """Each code that a redirect carries stands for a sentence, so that no form ends in an error after its work."""
    given = []
    for call in calls("Redirect"):
        notice = next((word.value for word in call.keywords if word.arg == "notice"), None)
        given += [notice, *call.args[2:3]]
    codes = {node.value for notice in given if notice for node in ast.walk(notice) if isinstance(node, ast.Constant)}
    assert codes - {None} <= set(NOTICES)


def test_no_template_trusts_a_text():
    """No template turns escaping off."""
    for name in environment().list_templates(["html"]):
        source = environment().loader.get_source(environment(), name)[0]
        assert not re.search(r"\|\s*safe\b|autoescape\s+false|xmlattr", source), name
