"""English words for people, roles, sessions, approvals and the trail."""

from ui.wording import Table, Values

PEOPLE: Table = {
    "WRONG_PASSWORD": ("Wrong password", "[{left|attempt|attempts} left.]", ""),
    "NO_PASSWORD_HERE": (
        "No password known here",
        "This person has no password, or it has not reached this station yet.",
        "Sign in with the PIN where there is one, or ask a supervisor for a one-time code.",
    ),
    "PASSWORD_NEEDED": (
        "The password is needed",
        "This station has not met the hub for a long time.",
        "Sign in with the password, or let the station meet the hub.",
    ),
    "PASSWORD_UNFIT": (
        "This password cannot be used",
        "{least} to {most} signs, not the login, not one sign again and again.",
        "Take a few words that nobody would guess.",
    ),
    "PASSWORD_DIFFERS": ("The passwords differ", "", "Type the same password twice."),
    "LOGIN_DIFFERS": ("That is not the login", "", "Type {login} to confirm."),
    "PASSWORD_SET": (
        "There is a password already",
        "{login} has accepted the invitation.",
        "Start a reset if it was forgotten.",
    ),
    "USER_DISABLED": ("Shut out", "This person may not sign in any more.", "Ask an admin."),
    "SESSION_ENDED": ("The session was ended", "Somebody ended it, here or from afar.", "Sign in again."),
    "SESSION_UNKNOWN": (
        "Unknown session",
        "This token is none of this station, or there is no such session.",
        "Start a new session here.",
    ),
    "SESSION_OVER": ("The session is over", "It was not renewed in time.", "Start a new session."),
    "SELLING_STOPPED": (
        "Nothing is sold for now",
        "This station has not met the hub for too long.",
        "Connect it to the hub; gates go on.",
    ),
    "HOURS_INVALID": ("These hours cannot be used", "From {least} to {most} hours.", ""),
    "DAYS_INVALID": ("These days cannot be used", "From {least} to {most}.", ""),
    "GUEST_ERASED": (
        "The name was erased",
        "The time for personal data of this event is over.",
        "",
    ),
    "NAME_EMPTY": ("A name is needed", "There is no letter or digit in it.", ""),
    "NAME_TOO_LONG": ("The name is too long", "At most {most|sign|signs}.", ""),
    "ROLES_NEED_HUB": (
        "Rights are given only with the hub",
        "This station has not heard the hub for ten minutes.",
        "Taking rights away works at once. For more, connect it and try again.",
    ),
    "ROLE_UNKNOWN": ("No such role", "There is no role {name}.", "Choose one of the list."),
    "ROLE_INVALID": (
        "This role cannot be kept",
        "“{role}”: small letters, digits, dash and underscore; limits from 0.",
        "",
    ),
    "ROLE_LOCKED": (
        "This role keeps that",
        "{role} cannot go[, nor lose: {permission}].",
        "Nobody could give it back.",
    ),
    "ROLE_HELD": ("You have this role", "{role} is yours already.", ""),
    "ROLE_ASKED": ("Asked already", "{role}: nobody has answered yet.", "An admin sees your request."),
    "REQUEST_UNKNOWN": ("No such request", "", ""),
    "REQUEST_ANSWERED": ("Answered already", "[{who} has answered this request.]", ""),
    "LAST_ADMIN": (
        "Somebody must stay",
        "Nobody would be left who can manage people and roles.",
        "Make somebody else an admin first.",
    ),
    "CODE_WRONG": ("Wrong code", "[{left|attempt|attempts} left.]", "Only the newest code counts."),
    "CODE_EXPIRED": ("The code is too old", "It was good until {at}.", "Ask for a new one."),
    "CODE_USED": ("The code was used", "Each code is good once.", "Ask for a new one."),
    "APPROVAL_NEEDED": (
        "A supervisor must agree",
        "Your limit: {limit}; asked: {asked}.",
        "[Ask {people}.]",
    ),
    "APPROVAL_INVALID": (
        "This approval does not count",
        "It was given for something else, was used, or is older than two minutes.",
        "Ask for the PIN again.",
    ),
    "APPROVER_LIMIT": (
        "Over their limit too",
        "This person may not approve {asked} for: {permission}.",
        "Ask somebody else.",
    ),
    "LIMIT_INVALID": ("Too many or too few rows", "From {least} to {most}.", ""),
    "FORMAT_UNKNOWN": ("Unknown format", "{name} is none that can be written.", "Take csv or json."),
}

PERMISSIONS = {
    "refund": "give money back", "void": "void orders", "exchange": "exchange tickets",
    "discount": "give discounts", "comp": "give tickets for nothing", "drawer": "open the drawer",
    "cash_move": "pay cash in and out", "other_shifts": "close others' shifts",
    "override": "let in against the verdict", "block": "block tickets", "approve": "approve for others",
    "reports": "see reports", "roles": "manage roles", "keys": "manage keys",
}  # fmt: skip

VALUES: Values = {
    "act": {
        "close_shift": "Close the shift", "refund": "Give money back", "void": "Void the order",
        "exchange": "Exchange tickets", "discount": "Give a discount", "comp": "Give tickets for nothing",
        "override": "Let in against the verdict",
    },
    "bound": {
        "refund": "Refund", "discount": "Discount", "comp": "Complimentary tickets",
        "override": "Overridden verdicts", "difference": "Cash difference",
    },
    "pattern": {
        "voids_after_cash": "Voids after cash", "refunds_per_hour": "Many refunds within an hour",
        "no_sale_openings": "Drawer opened without a sale",
        "reprint_then_admitted": "Printed again, then let in", "practice": "Practice mode",
        "clock_moved": "Clock moved", "sign_in_failures": "Failed sign-ins",
        "close_differences": "Shifts closed with a difference", "undone_admissions": "Admissions undone",
    },
    "ending": {
        "signed_out": "Signed out", "from_afar": "Ended from afar", "disabled": "Shut out",
        "reset": "PIN or password reset",
    },
    "purpose": {"window": "At a window", "script": "For a script"},
    "notice": {
        "role_asked": "asks for a role", "role_granted": "granted your role",
        "role_declined": "declined your role",
    },
}  # fmt: skip
