"""The settings as the page shows them: in sections, each setting with a label, each choice in words."""

from collections.abc import Mapping
from dataclasses import dataclass

from reverb_plugin.sync.fields import Group

NOT_ON_PAGE = frozenset({"update_index_url"})
"""Who may enter here could otherwise have any code installed."""

POLICIES = tuple(f"policy_{group}" for group in Group)


@dataclass(frozen=True, slots=True)
class Section:
    """Settings that are shown and saved together; ``template`` draws their form."""

    name: str
    title: str
    intro: str
    fields: tuple[str, ...]
    template: str = "settings_form.html"


SECTIONS: Mapping[str, Section] = {
    section.name: section
    for section in (
        Section(
            "connection",
            "Connection",
            "Which Reverb the shop is connected to, and as whom.",
            ("environment", "token"),
            "settings_connection.html",
        ),
        Section(
            "sync",
            "What is synced",
            "What happens by itself when products change in the shop.",
            ("auto_sync", "auto_publish", "create_listings", "deleted_products"),
        ),
        Section(
            "fields",
            "Fields",
            "When each field of a product is sent. A field that is always sent overwrites what was edited on Reverb.",
            POLICIES,
            "settings_fields.html",
        ),
        Section(
            "price-stock",
            "Price and stock",
            "How the price and the stock in the shop become those on Reverb.",
            ("price_percent", "price_rounding", "stock_buffer", "stock_maximum"),
            "settings_price_stock.html",
        ),
        Section(
            "conditions",
            "Conditions",
            "The shop's words for conditions, each with Reverb's.",
            ("default_condition", "condition_map"),
            "settings_conditions.html",
        ),
        Section(
            "categories",
            "Categories",
            "The shop's categories, each with the category its listings get on Reverb.",
            ("category_map",),
            "settings_categories.html",
        ),
        Section(
            "exclusions",
            "Exclusions",
            "Products that are left alone, with their listings.",
            (
                "exclude_skus",
                "exclude_categories",
                "exclude_makes",
                "exclude_price_below",
                "exclude_price_above",
                "exclude_out_of_stock",
            ),
        ),
        Section(
            "orders",
            "Orders",
            "What a sale on Reverb does in the shop, and how soon.",
            (
                "orders",
                "orders_poll_minutes",
                "orders_since",
                "orders_wanted",
                "restock",
                "reverb_edits",
                "buyer_data_days",
                "carrier_map",
                "webhook_secret",
            ),
            "settings_orders.html",
        ),
        Section(
            "pace",
            "Pace and brake",
            "How fast Reverb is asked, and when a mass sync stops and asks.",
            ("requests_per_minute", "brake_percent", "mass_sync_pause_hours", "drift_check_hours"),
        ),
        Section(
            "keeping",
            "Log, page and updates",
            "For how long the sync log is kept, where this page may be shown, and whether newer versions are told of.",
            ("log_retention_days", "log_retention_rows", "frame_ancestors", "update_check"),
        ),
    )
}

LABELS: Mapping[str, str] = {
    "environment": "Environment",
    "token": "Token",
    "auto_sync": "Auto-sync",
    "auto_publish": "Auto-publish",
    "create_listings": "Make new listings",
    "deleted_products": "Deleted products",
    "policy_title": "Title",
    "policy_description": "Description",
    "policy_price": "Price",
    "policy_quantity": "Quantity",
    "policy_condition": "Condition",
    "policy_make_model": "Make and model",
    "policy_year": "Year",
    "policy_finish": "Finish",
    "policy_categories": "Categories",
    "policy_photos": "Photos",
    "policy_shipping_profile": "Shipping profile",
    "policy_upc": "UPC or EAN",
    "policy_offers": "Offers",
    "price_percent": "Percent added",
    "price_rounding": "Rounding",
    "stock_buffer": "Units held back",
    "stock_maximum": "Most units shown",
    "default_condition": "Default condition",
    "condition_map": "Conditions",
    "category_map": "Categories",
    "exclude_skus": "SKUs",
    "exclude_categories": "Categories",
    "exclude_makes": "Makes",
    "exclude_price_below": "Cheaper than",
    "exclude_price_above": "Dearer than",
    "exclude_out_of_stock": "No new listing without stock",
    "orders": "A sale on Reverb",
    "orders_poll_minutes": "Minutes between looks",
    "orders_since": "First day",
    "orders_wanted": "Orders placed in the shop",
    "restock": "Orders that were called off: back into stock",
    "reverb_edits": "Quantities changed on Reverb",
    "buyer_data_days": "Days a buyer's name is kept",
    "carrier_map": "Carriers",
    "webhook_secret": "Webhooks",
    "brake_percent": "Brake, in percent",
    "mass_sync_pause_hours": "Hours between mass syncs",
    "drift_check_hours": "Hours between drift checks",
    "requests_per_minute": "Requests per minute",
    "log_retention_days": "Days kept",
    "log_retention_rows": "Rows kept",
    "frame_ancestors": "May be framed by",
    "update_check": "Look for newer versions",
}

CHOICES: Mapping[str, str] = {
    "sandbox": "Sandbox, for trying out",
    "production": "Production, the real Reverb",
    "end": "End the listing",
    "leave": "Leave the listing",
    "always": "Always",
    "create": "When the listing is made",
    "never": "Never",
    "cent": "To the cent",
    "whole": "To the whole amount",
    "ninety-nine": "To end in .99",
    "on": "On",
    "off": "Off",
    "stock": "Lowers the stock",
    "orders": "Is placed as an order",
    "orders-and-shipments": "Is placed as an order, and parcels are told to Reverb",
    "paid": "Those that are paid",
    "all": "All of them",
    "ask": "Ask each time",
    "take": "The shop takes them over",
    "overwrite": "The shop's own number wins",
}
"""The words for the value of a setting that has few."""

HELP: Mapping[str, str] = {
    "token": "Kept in the plugin's database and never shown again.",
    "orders": "Off: it does nothing in the shop, so the same piece can be sold twice.",
    "orders_since": "A day such as 2026-01-31 (UTC). Orders from before it are left alone; empty for the moment they "
    "are first looked for.",
    "orders_wanted": "With paid ones only, the shop can still sell a piece whose payment is pending on Reverb.",
    "reverb_edits": "What happens when somebody changes a quantity on Reverb by hand, while sales reach the shop.",
    "carrier_map": "The shop's words for carriers, each with Reverb's name for it. Usual words are understood by "
    "themselves; what is not understood goes out as Other.",
    "webhook_secret": "A secret path at which Reverb may call, so that a sale is seen at once. Looking every few "
    "minutes is enough without.",
    "exclude_skus": "One SKU on each line; * stands for any letters.",
    "exclude_categories": "One of the shop's categories on each line; * stands for any letters.",
    "exclude_makes": "One make on each line; * stands for any letters.",
}
"""Where a form takes something else than the command line does."""
