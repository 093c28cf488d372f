"""docs/flask.md: the shop it builds sells on Reverb."""

from reverb_plugin.simulator import Simulator
from tests.docs.pages import blocks

CODE = "\n".join(blocks("docs/flask.md", "python"))


def test_the_shop_of_the_page(tmp_path, monkeypatch):
    """A product saved through the shop is a listing, a purchase lowers it, and the page asks who comes."""
    with Simulator(index_lag_seconds=0, publish_delay_seconds=0) as simulator:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("REVERB_TOKEN", simulator.token)
        monkeypatch.setenv("REVERB_AUTO_SYNC", "on")
        names = {"__name__": "__main__"}
        there = f"configure(Items(), api_url={simulator.url!r}, data_dir='data', worker='none')"
        exec(CODE.replace("configure(Items())", there), names)
        client = names["shop"].test_client()
        form = {"title": "Boss DS-1", "price": "62.99", "quantity": "4"}
        try:
            assert client.post("/items/DS-1", data=form).text == "saved"
            assert names["plugin"].drain(30).left == 0
            assert client.post("/buy/DS-1").text == "thank you"
            assert names["plugin"].drain(30).left == 0
            assert [row["inventory"] for row in simulator.door.listings() if row["sku"] == "DS-1"] == [3]
            assert client.get("/admin/reverb/").status_code == 403
            with client.session_transaction() as session:
                session["role"] = "admin"
            assert client.get("/admin/reverb/").status_code == 200
        finally:
            names["plugin"].close()
