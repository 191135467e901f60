"""Slugs and taxonomy keys in the person's own words."""

from flask_babel import gettext


def reason(slug: str | None) -> str:
    """Why an upload was refused, as a sentence."""
    words = {
        "paused": gettext("It was captured inside a pause."),
        "after_stop": gettext("The device had already said that it stopped."),
        "outside_lease": gettext("It was captured outside the time the device had a permit for."),
        "no_lease": gettext("The device had no permit."),
        "not_in_policy": gettext("The policy does not allow this kind here."),
        "wrong_policy": gettext("The device obeyed a policy that was not in force."),
        "wrong_person": gettext("It was marked as somebody else's."),
        "wrong_device": gettext("It was marked as another device's."),
        "wrong_key": gettext("It was not sealed to your key."),
        "too_old": gettext("It came too late."),
        "in_future": gettext("It claims a time that has not come yet."),
        "too_long": gettext("It covers more than a minute."),
        "too_large": gettext("It is too large."),
        "bad_header": gettext("Its label could not be read."),
        "conflict": gettext("Something else was sent under the same number before."),
        "sequence_used": gettext("Its number was used before."),
    }
    return str(words.get(slug or "", gettext("It broke a rule.")))


def category(key: str) -> str:
    """A data category, by its key in the fideslang taxonomy, in a word or two; its last part if we have no word."""
    words = {
        "user.health_and_medical": gettext("health"),
        "user.financial": gettext("money"),
        "user.financial.bank_account": gettext("bank account"),
        "user.financial.credit_card": gettext("bank card"),
        "user.payment": gettext("payment"),
        "user.government_id": gettext("official number"),
        "user.government_id.national_identification_number": gettext("tax number"),
        "user.authorization.credentials": gettext("password"),
        "user.authorization.password": gettext("password"),
        "user.contact": gettext("contact"),
        "user.contact.email": gettext("e-mail address"),
        "user.contact.phone_number": gettext("phone number"),
        "user.demographic.political_opinion": gettext("political opinion"),
        "user.demographic.trade_union_membership": gettext("union"),
        "user.workplace": gettext("workplace"),
        "user.content": gettext("own words"),
        "user.content.private": gettext("private words"),
        "user.behavior": gettext("behaviour"),
        "user.behavior.browsing_history": gettext("browsing"),
    }
    return str(words.get(key, key.rsplit(".", 1)[-1].replace("_", " ")))
