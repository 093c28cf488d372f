"""What a shop decides for itself, because Oscar leaves it open: what orders do to the stock."""

from oscar.apps.order import processing


class EventHandler(processing.EventHandler):
    """Takes shipped pieces out of stock, and puts refunded and cancelled ones back."""

    def handle_shipping_event(self, order, event_type, lines, line_quantities, **kwargs):
        """What is shipped has left the shop."""
        event = super().handle_shipping_event(order, event_type, lines, line_quantities, **kwargs)
        if event_type.code == "shipped":
            for line, quantity in zip(lines, line_quantities, strict=True):
                if line.stockrecord is not None:  # its product may be gone
                    line.consume_allocation(min(quantity, line.num_allocated))
        return event

    def handle_payment_event(self, order, event_type, amount, lines=None, line_quantities=None, **kwargs):
        """What is refunded is back on the shelf."""
        event = super().handle_payment_event(order, event_type, amount, lines, line_quantities, **kwargs)
        if event_type.code == "refund":
            for line, quantity in zip(lines or (), line_quantities or (), strict=True):
                self._put_back(line, quantity)
        return event

    def handle_order_status_change(self, order, new_status, note_msg=None):
        """What was reserved for a cancelled order is free again."""
        super().handle_order_status_change(order, new_status, note_msg)
        if new_status == "Cancelled":
            for line in order.lines.filter(num_allocated__gt=0, stockrecord__isnull=False):
                line.cancel_allocation(line.num_allocated)

    def _put_back(self, line, quantity):
        if line.stockrecord is None or not line.can_track_allocations:
            return
        reserved = min(quantity, line.num_allocated)
        if reserved:
            line.cancel_allocation(reserved)
        if quantity > reserved:
            line.stockrecord.refresh_from_db()
            line.stockrecord.num_in_stock = (line.stockrecord.num_in_stock or 0) + quantity - reserved
            line.stockrecord.save()
