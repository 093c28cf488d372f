"""The API's answers about webhook registrations."""

from typing import Any

from reverb_plugin.simulator.call import Answer, Call
from reverb_plugin.simulator.problems import bad_parameter, not_a_choice, not_found, refuse
from reverb_plugin.simulator.webhooks import TOPICS, Registration
from reverb_plugin.simulator.wording import central


def registrations(call: Call) -> Answer:
    """GET /webhooks/registrations."""
    rows = [_write(call, row) for row in call.reverb.webhooks.registrations.values()]
    return Answer({"registrations": rows, "_links": {}})


def register(call: Call) -> Answer:
    """POST /webhooks/registrations: refused to a personal token unless the test door allows it."""
    url, topic = call.body.get("url"), call.body.get("topic")
    for name, value in (("url", url), ("topic", topic)):
        if not isinstance(value, str) or not value:
            raise bad_parameter(name, "is missing")
    if topic not in TOPICS:
        raise not_a_choice("topic")
    if not call.reverb.behaviour.webhooks_allowed:
        raise refuse(401, "Please log in via Oauth to create webhooks")
    return Answer(_write(call, call.reverb.webhooks.register(str(url), topic)), 201)


def show(call: Call) -> Answer:
    """GET /webhooks/registrations/{id}."""
    return Answer(_write(call, _get(call)))


def remove(call: Call) -> Answer:
    """DELETE /webhooks/registrations/{id}."""
    del call.reverb.webhooks.registrations[_get(call).id]
    return Answer({})


def _get(call: Call) -> Registration:
    registration = call.reverb.webhooks.registrations.get(int(call.arguments["registration_id"]))
    if registration is None:
        raise not_found()
    return registration


def _write(call: Call, registration: Registration) -> dict[str, Any]:
    return {
        "url": registration.url,
        "topic": registration.topic,
        "created_at": central(registration.created_at),
        "_links": {"self": {"href": f"{call.site}/api/webhooks/registrations/{registration.id}"}},
    }
