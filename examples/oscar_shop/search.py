"""A search over the shop's own tables: Oscar's storefront asks a search engine for every list, and a demo has none."""

from haystack.backends import BaseEngine, SearchNode
from haystack.backends.simple_backend import SimpleSearchBackend, SimpleSearchQuery
from haystack.models import SearchResult

CATEGORY = "category"


class TableQuery(SimpleSearchQuery):
    """Words, and the categories that a page is about; a backend gets both as one text."""

    def build_query(self):
        """``words|ids``."""
        words, categories = [], []
        for name, value in _leaves(self.query_filter):
            if name.startswith(CATEGORY):
                categories += value if isinstance(value, list) else [value]
            elif name.startswith(("content", "text", "title")):
                words += str(getattr(value, "query_string", value)).split()
        return f"{' '.join(words)}|{' '.join(map(str, categories))}"


class TableBackend(SimpleSearchBackend):
    """Products that are for sale, the newest first."""

    def search(self, query_string, **options):
        """What a query finds."""
        from oscar.core.loading import get_model

        words, categories = (part.split() for part in query_string.split("|"))
        found = get_model("catalogue", "Product").objects.browsable().order_by("-pk")
        for word in words:
            found = found.filter(title__icontains=word)
        if categories:
            found = found.filter(categories__in=categories).distinct()
        start, end = options.get("start_offset") or 0, options.get("end_offset")
        result_class = options.get("result_class") or SearchResult
        rows = [result_class("catalogue", "product", product.pk, 0) for product in found[start:end]]
        return {"results": rows, "hits": found.count()}


class TableEngine(BaseEngine):
    """``HAYSTACK_CONNECTIONS``."""

    backend = TableBackend
    query = TableQuery


def _leaves(node):
    for child in node.children:
        if isinstance(child, SearchNode):
            yield from _leaves(child)
        else:
            yield child
