"""Photos are fetched in the background, known by their source URL, and removed only by id."""

import pytest

from tests.simulator.caller import item

ONE, TWO, THREE = (f"https://shop.example/{number}.jpg" for number in (1, 2, 3))


def sources(door, listing_id):
    (row,) = [row for row in door.listings() if row["id"] == listing_id]
    return [photo["source_url"] for photo in row["photos"]]


def images(api, listing_id):
    return [row["id"] for row in api.get(f"/listings/{listing_id}/images").body["images"]]


@pytest.fixture
def listing_id(api):
    return api.post("/listings", item(photos=[ONE, TWO])).body["listing"]["id"]


def test_they_arrive_later(slow, slow_api, clock):
    """Right after the POST there is no image; two seconds later there are all."""
    listing_id = slow_api.post("/listings", item(photos=[ONE, TWO])).body["listing"]["id"]
    assert images(slow_api, listing_id) == []
    assert slow_api.listing(listing_id)["photos"] == []
    clock.advance(2.0)
    assert len(images(slow_api, listing_id)) == 2
    assert len(slow_api.listing(listing_id)["photos"]) == 2


def test_the_door_can_hurry_them(slow, slow_api):
    """fetch_photos_now brings all at once."""
    listing_id = slow_api.post("/listings", item(photos=[ONE])).body["listing"]["id"]
    slow.door.fetch_photos_now()
    assert len(images(slow_api, listing_id)) == 1


def test_a_plain_put_adds(api, door, listing_id):
    """Photos of a PUT come behind those that are there; one that is known is not doubled."""
    api.put(f"/listings/{listing_id}", {"photos": [THREE, ONE]})
    assert sources(door, listing_id) == [ONE, TWO, THREE]
    assert len(images(api, listing_id)) == 3


def test_a_changed_query_is_another_photo(api, door, listing_id):
    """Reverb compares the whole address."""
    api.put(f"/listings/{listing_id}", {"photos": [ONE + "?v=2"]})
    assert sources(door, listing_id) == [ONE, TWO, ONE + "?v=2"]


def test_override_position_puts_them_in_order_and_removes_none(api, door, listing_id):
    """The photos named come first in their order, the new among them; the others stay behind."""
    before = images(api, listing_id)
    api.put(f"/listings/{listing_id}", {"photos": [THREE, TWO], "photo_upload_method": "override_position"})
    assert sources(door, listing_id) == [THREE, TWO, ONE]
    assert images(api, listing_id)[1:] == before[::-1]


def test_an_image_is_deleted_by_its_id(api, door, listing_id):
    """DELETE removes one image; doing it again is a 404."""
    first = images(api, listing_id)[0]
    assert api.delete(f"/listings/{listing_id}/images/{first}").status == 200
    assert sources(door, listing_id) == [TWO]
    assert api.delete(f"/listings/{listing_id}/images/{first}").status == 404


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost/1.jpg",
        "http://127.0.0.1/1.jpg",
        "http://10.0.0.7/1.jpg",
        "http://192.168.1.9:8080/1.jpg",
        "http://[::1]/1.jpg",
        "https://shop.invalid/1.jpg",
        "https://shop.local/1.jpg",
        "ftp://shop.example/1.jpg",
        "not an address",
    ],
)
def test_what_reverb_cannot_reach_never_becomes_an_image(api, door, url):
    """A private address yields a warning and no image, ever."""
    got = api.post("/listings", item(photos=[url, ONE]))
    assert got.body["warnings"] == [f"Photo could not be fetched: {url}"]
    assert len(images(api, got.body["listing"]["id"])) == 1
