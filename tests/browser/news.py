"""A newer version that a shop knows of, with changes in any words."""

from reverb_plugin.update.changelog import Group, Section
from reverb_plugin.update.offer import Offer, PassedOver
from reverb_plugin.update.state import State, change_state


def announce(plugin, *entries, reason="it needs Python >=3.14, here is 3.11.7"):
    """As after a look at the index that found version 9.1, changed in these ways, and one that does not suit."""
    sections = (Section("9.1", "2027-02-01", (Group("Security", entries[:1]), Group("Fixed", entries[1:]))),)
    offer = Offer("9.1", sections, is_security=True, needs_migration=True)
    now = plugin.clock.now()
    state = State(
        plugin.settings.update_index_url,
        began_at=now,
        due_at=now,
        checked_at=now,
        succeeded_at=now,
        offer=offer,
        passed_over=(PassedOver("9.2", reason),),
    )
    change_state(plugin.store.path.parent, now, lambda _: state)
