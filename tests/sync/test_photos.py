"""Photos: in the shop's order, only when their list changed, by the URLs that Reverb knows."""

import pytest

from reverb_plugin.hooks import on_product_saved
from reverb_plugin.sync.photos import identity
from tests.sync.market import PHOTO_1, PHOTO_2, PHOTO_3, guitar


@pytest.fixture
def album(market):
    """A market whose photos always follow the shop."""
    market.set(policy_photos="always")
    return market


def shown(market, sku="STRAT"):
    return [photo["source_url"] for photo in market.listing(sku)["photos"]]


def test_they_are_sent_in_the_shops_order(album):
    """A new listing gets all photos, the first one first."""
    album.save(guitar(photos=(PHOTO_2, PHOTO_1)))
    assert album.requests("POST")[0].body["photos"] == [PHOTO_2, PHOTO_1]
    assert shown(album) == [PHOTO_2, PHOTO_1]


def test_the_same_photo_is_sent_once(album):
    """A photo that the shop names twice is one."""
    album.save(guitar(photos=(PHOTO_1, PHOTO_2, f"{PHOTO_1}?v=2")))
    assert shown(album) == [PHOTO_1, PHOTO_2]


def test_an_unchanged_list_is_not_sent(album):
    """A new price goes without photos."""
    album.save(guitar(photos=(PHOTO_1,)))
    album.change("STRAT", price="1.00")
    assert album.requests("PUT")[0].body.keys() == {"price"}


def test_a_cache_busting_query_is_no_change(album):
    """The same pictures under new queries: no request, and in a later list they keep the URLs Reverb knows."""
    album.save(guitar(photos=(f"{PHOTO_1}?v=1", "https://shop.example/media?id=7&t=1")))
    album.asked()
    album.change("STRAT", photos=(f"{PHOTO_1}?v=2", "https://shop.example/media?id=7&t=2"))
    assert album.asked() == []
    album.change("STRAT", photos=(PHOTO_2, f"{PHOTO_1}?v=3", "https://shop.example/media?id=7&t=3"))
    assert shown(album) == [PHOTO_2, f"{PHOTO_1}?v=1", "https://shop.example/media?id=7&t=1"]


def test_a_new_order_is_one_put(album):
    """The list in the wanted order, to be taken in place."""
    album.save(guitar(photos=(PHOTO_1, PHOTO_2)))
    album.asked()
    album.change("STRAT", photos=(PHOTO_2, PHOTO_1))
    (put,) = album.requests()
    assert put.body == {"photos": [PHOTO_2, PHOTO_1], "photo_upload_method": "override_position"}
    assert shown(album) == [PHOTO_2, PHOTO_1]


def test_those_taken_away_are_deleted_by_their_id(album):
    """Reverb does not remove what is left out: the images are read, and those gone from the shop deleted."""
    album.save(guitar(photos=(PHOTO_1, PHOTO_2, PHOTO_3)))
    album.asked()
    row = album.change("STRAT", photos=(PHOTO_1, PHOTO_3))
    assert album.asked() == ["GET listings/#/images", "DELETE listings/#/images/#"]
    assert (row.outcome, shown(album)) == ("updated", [PHOTO_1, PHOTO_3])


def test_one_away_and_one_new(album):
    """The old one is deleted and the new list sent."""
    album.save(guitar(photos=(PHOTO_1, PHOTO_2)))
    album.change("STRAT", photos=(PHOTO_3, PHOTO_1))
    assert shown(album) == [PHOTO_3, PHOTO_1]


def test_a_shop_without_photos_leaves_those_on_reverb(album):
    """An empty list is more likely a fault of the shop than a wish: nothing is removed."""
    album.save(guitar(photos=(PHOTO_1,)))
    album.asked()
    album.change("STRAT", photos=())
    assert (album.asked(), shown(album)) == ([], [PHOTO_1])


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://localhost/1.jpg", "private address"),
        ("http://127.0.0.1/1.jpg", "private address"),
        ("http://192.168.1.7/1.jpg", "private address"),
        ("http://[::1]/1.jpg", "private address"),
        ("https://shop.local/1.jpg", "private address"),
        ("https://intranet/1.jpg", "private address"),
        ("https://user:secret@shop.example/1.jpg", "password"),
        ("file:///srv/1.jpg", "http or https"),
        ("/media/1.jpg", "http or https"),
        ("https://[broken/1.jpg", "not a URL"),
    ],
)
def test_a_photo_that_reverb_cannot_fetch_is_left_out(album, url, reason):
    """It is not sent, the others are, and the row says why."""
    row = album.save(guitar(photos=(url, PHOTO_1)))
    assert (row.outcome, row.code, shown(album)) == ("created", "left-out", [PHOTO_1])
    assert [error.field for error in row.errors] == ["photos"]
    assert reason in row.errors[0].message


def test_a_photo_that_cannot_be_fetched_is_no_failure_later(album):
    """Saved again as it is: unchanged, with the reason still beside it, and nothing waits for a person."""
    album.save(guitar(photos=("http://localhost/1.jpg", PHOTO_1)))
    row = album.save_again("STRAT")
    assert (row.outcome, row.code, len(row.errors)) == ("unchanged", "left-out", 1)
    assert album.parked() == []


class TestOnTheirWay:
    @pytest.fixture(autouse=True)
    def _slow(self, album):
        album.door.set(photo_delay_seconds=40)
        album.save(guitar(photos=(PHOTO_1, PHOTO_2)))
        album.asked()

    def test_nothing_is_deleted_while_reverb_fetches(self, album):
        """Positions cannot be trusted yet: the rest is sent, the removal is deferred with the reason."""
        album.put(guitar(photos=(PHOTO_2,), price="1.00"))
        album.save_again("STRAT")
        first = album.rows()[-2]
        assert (first.outcome, first.code) == ("deferred", "photos-on-their-way")
        assert album.requests("PUT")[0].body.keys() == {"price"}

    def test_it_is_done_when_they_have_arrived(self, album):
        """Once all are there, the right one is deleted, by itself."""
        row = album.change("STRAT", photos=(PHOTO_2,))
        assert (row.outcome, shown(album)) == ("updated", [PHOTO_2])
        assert album.report.left == 0

    def test_a_photo_that_never_arrives_is_not_waited_for_for_ever(self, album):
        """After three looks the row asks the seller to remove by hand; the job is not stuck."""
        album.door.set(photo_delay_seconds=100_000)
        album.change("STRAT", photos=(PHOTO_1, PHOTO_2, PHOTO_3))
        row = album.save(album.host.change("STRAT", photos=(PHOTO_1, PHOTO_2)))
        album.drain(600)
        row = album.last()
        assert row.outcome == "updated"
        assert "by hand" in row.errors[0].message
        assert album.report.left == 0


class TestTrouble:
    @pytest.mark.parametrize("kind", ["reset_after", "reset_before", "server_error"])
    def test_a_lost_removal_is_finished(self, album, kind):
        """The first of two deletions gets no answer: in the end exactly those two are gone."""
        album.save(guitar(photos=(PHOTO_1, PHOTO_2, PHOTO_3)))
        album.door.add_fault(kind, "DELETE", "images")
        album.change("STRAT", photos=(PHOTO_3,))
        assert (shown(album), album.report.left, album.parked()) == ([PHOTO_3], 0, [])

    @pytest.mark.parametrize("kind", ["reset_after", "reset_before", "server_error"])
    def test_a_second_removal_that_is_lost(self, album, kind):
        """What was deleted is remembered: the second deletion fails, and nothing else is deleted instead."""
        album.save(guitar(photos=(PHOTO_1, PHOTO_2, PHOTO_3)))
        second = album.listing("STRAT")["photos"][1]["id"]
        album.door.add_fault(kind, "DELETE", f"images/{second}")
        album.change("STRAT", photos=(PHOTO_3,))
        assert (shown(album), album.report.left) == ([PHOTO_3], 0)

    @pytest.mark.parametrize("kind", ["reset_after", "reset_before"])
    def test_a_lost_list_is_not_taken_for_granted(self, album, kind):
        """The PUT got no answer and the shop went back to the old order: the old order is sent."""
        album.save(guitar(photos=(PHOTO_1, PHOTO_2)))
        album.door.add_fault(kind, "PUT")
        album.put(guitar(photos=(PHOTO_2, PHOTO_1)))
        on_product_saved("STRAT", plugin=album.plugin)
        album.try_once()
        album.change("STRAT", photos=(PHOTO_1, PHOTO_2))
        assert shown(album) == [PHOTO_1, PHOTO_2]

    def test_an_image_that_somebody_else_removed(self, album):
        """404 for the image: it is gone, which is what was wanted; the listing is not taken for gone."""
        album.save(guitar(photos=(PHOTO_1, PHOTO_2)))
        album.door.add_fault("answer", "DELETE", "images", status=404, body={"message": "Not found"}, applied=True)
        row = album.change("STRAT", photos=(PHOTO_2,))
        assert row.outcome == "updated"
        assert "gone" not in row.message

    def test_no_time_for_the_second_removal(self, album):
        """The worker's time is over between two deletions: the first is remembered, and the next worker goes on."""
        album.save(guitar(photos=(PHOTO_1, PHOTO_2, PHOTO_3)))
        album.set(requests_per_minute="12")
        album.clock.advance(60)
        album.put(guitar(photos=(PHOTO_3,)))
        on_product_saved("STRAT", plugin=album.plugin)
        row = album.drain(8)
        assert (row.outcome, row.code, shown(album)) == ("deferred", "not-now", [PHOTO_2, PHOTO_3])
        album.drain()
        assert (shown(album), album.report.left, album.last().errors) == ([PHOTO_3], 0, ())


class TestAdopted:
    @pytest.fixture(autouse=True)
    def _adopt(self, album):
        album.door.add_listing(
            sku="STRAT",
            price="799.00",
            inventory=3,
            condition="Brand New",
            photos=["https://elsewhere.example/a.jpg", "https://elsewhere.example/b.jpg"],
        )
        album.save(guitar(photos=(PHOTO_1, PHOTO_2)))

    def test_photos_of_an_adopted_listing_are_left(self, album):
        """Reverb does not tell where they came from: the seller's own photos stay until the shop's list changes."""
        assert album.requests("PUT") == []
        assert len(shown(album)) == 2

    def test_the_sellers_own_are_never_deleted(self, album):
        """The shop's list changes: it is added, and what was there before is not deleted by guess."""
        album.change("STRAT", photos=(PHOTO_1,))
        album.change("STRAT", photos=(PHOTO_1, PHOTO_3))
        album.change("STRAT", photos=(PHOTO_3,))
        assert album.requests("DELETE") == []
        assert set(shown(album)) >= {"https://elsewhere.example/a.jpg", "https://elsewhere.example/b.jpg", PHOTO_3}


def test_two_photos_of_one_script_stay_two():
    """A query that chooses the picture is part of what the photo is; sizes, versions and bare numbers are not."""
    assert identity("https://shop.example/image.jpg?id=1") != identity("https://shop.example/image.jpg?id=2")
    assert identity("https://shop.example/a.jpg?w=100&v=3") == identity("https://shop.example/a.jpg?1699999999")
