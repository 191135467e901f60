"""What people read when a sign-in does not end well."""

from flask_babel import lazy_gettext

from portal.core.web.errors import Words

SIGN_IN_UNKNOWN = Words(
    lazy_gettext("This sign-in is over."),
    lazy_gettext("It was started in another browser, took longer than 10 minutes, or was used already."),
    lazy_gettext("Go to the start to sign in again."),
)
SIGNED_IN_ALREADY = Words(
    lazy_gettext("You are signed in already."),
    lazy_gettext("This sign-in is over: another tab of yours was quicker, or it was used before."),
    lazy_gettext("Go on from the start."),
)
SIGN_IN_REFUSED = Words(
    lazy_gettext("You could not be signed in."),
    lazy_gettext(
        "What your company's sign-in service sent us does not hold. You are not signed in, and nothing was changed."
    ),
    lazy_gettext("Go to the start to sign in again. If it happens once more, report it."),
)
SIGN_IN_DECLINED = Words(
    lazy_gettext("You are not signed in."),
    lazy_gettext(
        "Your company's sign-in service ended the sign-in: you cancelled it, or your account may not use Daylight."
    ),
    lazy_gettext(
        "Go to the start to sign in again. If it happens once more, ask whoever manages accounts in your company."
    ),
)
SEAT_CLOSED = Words(
    lazy_gettext("Your seat is not open."),
    lazy_gettext("The works council gives experts a seat from a day to a day. Yours has ended or has not begun."),
    lazy_gettext("Ask the works council that named you."),
)
PROVIDER_GONE = Words(
    lazy_gettext("Your company's sign-in service does not answer."),
    lazy_gettext(
        "Without it nobody can sign in. Your devices go on by themselves: a pause on the device itself still works."
    ),
    lazy_gettext("Try again in a minute."),
)
