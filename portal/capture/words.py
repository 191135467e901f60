"""Slugs and taxonomy keys in the person's own words."""

from typing import Final

from flask_babel import gettext, lazy_gettext

REASONS: Final = {
    "paused": lazy_gettext("It was captured inside a pause."),
    "stopped_for_all": lazy_gettext("It was captured while recording was stopped for all."),
    "after_stop": lazy_gettext("The device had already said that it stopped."),
    "outside_lease": lazy_gettext("It was captured outside the time the device had a permit for."),
    "no_lease": lazy_gettext("The device had no permit."),
    "not_in_policy": lazy_gettext("The policy does not allow this kind here."),
    "wrong_policy": lazy_gettext("The device obeyed a policy that was not in force."),
    "wrong_person": lazy_gettext("It was marked as somebody else's."),
    "wrong_device": lazy_gettext("It was marked as another device's."),
    "wrong_key": lazy_gettext("It was not sealed to your key."),
    "too_old": lazy_gettext("It came too late."),
    "in_future": lazy_gettext("It claims a time that has not come yet."),
    "too_long": lazy_gettext("It covers more than a minute."),
    "too_large": lazy_gettext("It is too large."),
    "bad_header": lazy_gettext("Its label could not be read."),
    "conflict": lazy_gettext("Something else was sent under the same number before."),
    "sequence_used": lazy_gettext("Its number was used before."),
    "too_much": lazy_gettext("More came of that day than a computer can record in one."),
    "not_listed": lazy_gettext("So much was refused that this and what was refused after it is not listed."),
}
CATEGORIES: Final = {
    "user.health_and_medical": lazy_gettext("health"),
    "user.financial": lazy_gettext("money"),
    "user.financial.bank_account": lazy_gettext("bank account"),
    "user.financial.credit_card": lazy_gettext("bank card"),
    "user.payment": lazy_gettext("payment"),
    "user.government_id": lazy_gettext("official number"),
    "user.government_id.national_identification_number": lazy_gettext("tax number"),
    "user.authorization.credentials": lazy_gettext("password"),
    "user.authorization.password": lazy_gettext("password"),
    "user.contact": lazy_gettext("contact"),
    "user.contact.email": lazy_gettext("e-mail address"),
    "user.contact.phone_number": lazy_gettext("phone number"),
    "user.demographic.political_opinion": lazy_gettext("political opinion"),
    "user.demographic.trade_union_membership": lazy_gettext("union"),
    "user.workplace": lazy_gettext("workplace"),
    "user.content": lazy_gettext("own words"),
    "user.content.private": lazy_gettext("private words"),
    "user.behavior": lazy_gettext("behaviour"),
    "user.behavior.browsing_history": lazy_gettext("browsing"),
}


def reason(slug: str | None) -> str:
    """Why an upload was refused, as a sentence."""
    return str(REASONS[slug] if slug in REASONS else gettext("It broke a rule."))


def category(key: str) -> str:
    """A data category, by its key in the fideslang taxonomy, in a word or two; its last part if we have no word."""
    return str(CATEGORIES[key] if key in CATEGORIES else key.rsplit(".", 1)[-1].replace("_", " "))
