"""An identity provider on loopback: OAuth 2.0 and OpenID Connect by Authlib's server, in the manner of real providers.

::

    with serving(GitHub) as idp:
        client = idp.add_client("acme", redirect_uris=["https://acme.com/auth/callback/github"])
        idp.add_account("1", "alice@example.com", name="Alice Liddell")
        ...                                           # SUPERTOKENS["THIRDPARTY"]["PROVIDERS"] = [idp.settings(client)]
        back = idp.authorize(authorisation_url, "alice@example.com")   # as a browser: sign in, accept
        back.params["code"]                           # what the provider sends back
        idp.fail("token", down)                       # and what may go wrong: faults.py, lies.py

It has no database and no secrets: all of it is gone when the ``with`` ends.
"""
