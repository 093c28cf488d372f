"""Keys that say what stands beside them: the field of an order, a header, a setting, an argument."""

import re
from collections.abc import Mapping

_KINDS: Mapping[str, str] = {
    "secret": """
        token accesstoken refreshtoken authtoken xauthtoken apitoken apikey xapikey accesskey secretkey privatekey
        signingkey clientsecret secret webhooksecret password passwd pwd passphrase pass authorization
        proxyauthorization wwwauthenticate proxyauthenticate authentication auth cookie setcookie cookies session
        sessionid sessionkey sid csrf csrftoken xcsrftoken csrfmiddlewaretoken signature sig xsignature credential
        credentials bearer jwt otp pin dsn databaseurl connectionstring hmac salt nonce phpsessid jsessionid idtoken
        oauthtoken oauthtokensecret consumersecret
    """,
    "name": """
        firstname lastname middlename surname givenname familyname nickname buyername customername sellername
        recipientname contactname cardholder cardholdername username login user loginname attn attention
        fullnameofbuyer shiptoname billtoname ownername displayedname vorname nachname buyerfirstname buyerlastname
    """,
    "email": """
        email emailaddress mail buyeremail customeremail replyto xfromemail useremail
    """,
    "phone": """
        phone phonenumber telephone tel mobile mobilephone fax unformattedphone buyerphone cell cellphone
    """,
    "address": """
        address address1 address2 addressline1 addressline2 street streetaddress extendedaddress streetname
        housenumber postalcode postcode zip zipcode locality city town suburb shipto billto shippingaddress
        billingaddress shipaddress plz ort strasse latitude longitude lat lng
    """,
    "ip": """
        ip ipaddress remoteaddr clientip xforwardedfor xrealip forwarded
    """,
    "card": """
        cardnumber creditcard creditcardnumber cvv cvc ccnumber pan
    """,
    "iban": """
        iban bic swift accountnumber routingnumber bankaccount taxid vatid vatnumber ssn socialsecuritynumber
    """,
    "tracking": """
        trackingnumber tracking trackingcode
    """,
}
KINDS: Mapping[str, str] = {key: kind for kind, keys in _KINDS.items() for key in keys.split()}
"""What a value is that stands beside this key; keys are compact."""

_PEOPLE = """
buyer customer recipient shippingaddress billingaddress shipaddress address user account seller contact person owner
profile shipto billto sender payer cardholder party orderbuyer orderaddress
"""
PEOPLE = frozenset(_PEOPLE.split())
"""Below such a key, a name is somebody's."""

OF_PEOPLE: Mapping[str, str] = {
    "name": "name",
    "fullname": "name",
    "displayname": "name",
    "company": "name",
    "region": "address",
    "state": "address",
    "county": "address",
    "country": "address",
    "displaylocation": "address",
}
"""What a value is that stands beside this key below one of :data:`PEOPLE`."""

_ENDINGS = ("password", "passwd", "secret", "token", "apikey", "privatekey", "email", "phone", "credentials")

_SEPARATORS = re.compile(r"[^a-z0-9]+")


def find_kind(key: str, *, of_person: bool) -> str | None:
    """What stands beside ``key``; None when it need not be hidden for its key."""
    plain = _SEPARATORS.sub("", key.lower())
    kind = KINDS.get(plain) or (OF_PEOPLE.get(plain) if of_person else None)
    if kind is None and plain.endswith(_ENDINGS):
        ending = next(each for each in _ENDINGS if plain.endswith(each))
        kind = KINDS.get(ending, "secret")
    return kind


def is_person(key: str) -> bool:
    """Whether what stands below ``key`` belongs to somebody."""
    return _SEPARATORS.sub("", key.lower()) in PEOPLE
