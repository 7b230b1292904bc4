"""English words for payments in steps and for promo codes."""

from ui.wording import Table, Values

MONEY: Table = {
    "PAYMENT_OPEN": (
        "A payment is not settled yet",
        "Order {order}: nobody knows yet whether {amount} was taken.",
        "Clear that payment up first, on the Shift page.",
    ),
    "PAYMENT_NOT_FOUND": ("No such payment", "{text} is not known here.", ""),
    "PAYMENT_STATE": (
        "Not possible for this payment",
        "The payment of order {order} {payment_state}.",
        "Nothing was changed.",
    ),
    "PAYMENT_ELSEWHERE": (
        "Another till waits for this payment",
        "It was begun at {station}.",
        "Let it end there, or clear it up with a reason.",
    ),
    "PAYMENT_NOT_NEEDED": ("Nothing to pay", "This order is free.", "Sell it without a payment."),
    "ID_INVALID": ("Not an id", "{text} is no id of the usual form.", ""),
    "PROMO_UNKNOWN": (
        "No such promo code",
        "The code is not known for what is in the cart.",
        "Check the spelling with the guest.",
    ),
    "PROMO_NOT_YET": ("This promo code does not count yet", "{promo}: from {at}.", "Sell without it."),
    "PROMO_ENDED": ("This promo code is over", "{promo}: it ended {at}.", "Sell without it."),
    "PROMO_NOT_FOR_THESE": (
        "Not for these tickets",
        "{promo} takes nothing off what is in the cart.",
        "Choose other tickets, or sell without it.",
    ),
    "PROMO_OVER": (
        "This promo code is used up here",
        "{promo}: {left_here|use|uses} left here, {left_all} in all.",
        "Sell without it, or let a till sell that still has some.",
    ),
}

VALUES: Values = {
    "payment_state": {
        "started": "is waiting for the terminal",
        "taken": "was taken",
        "failed": "was not taken",
        "unknown": "has no known end: somebody has to clear it up",
    },
}
