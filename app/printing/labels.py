"""The fixed words on printed things, in every language; names and texts of the venue are not here."""

from collections.abc import Mapping

from app.formats import language_of

LABELS: Mapping[str, Mapping[str, str]] = {
    "ticket_n_of_m": {"en": "Ticket {place} of {of}", "ru": "Билет {place} из {of}"},
    "doors": {"en": "Doors {time}", "ru": "Вход с {time}"},
    "valid": {"en": "Valid", "ru": "Действует"},
    "valid_range": {"en": "{begin} – {end}", "ru": "{begin} – {end}"},
    "valid_from": {"en": "from {begin}", "ru": "с {begin}"},
    "valid_until_day": {"en": "until {end}", "ru": "по {end}"},
    "valid_until_time": {"en": "until {end}", "ru": "до {end}"},
    "valid_first_use": {"en": "from first use", "ru": "с первого прохода"},
    "valid_first_use_day": {"en": "First use {end} at the latest", "ru": "Первый проход не позже {end}"},
    "valid_open": {"en": "any day", "ru": "в любой день"},
    "seat": {"en": "Seat", "ru": "Место"},
    "zone": {"en": "Zone", "ru": "Зона"},
    "product": {"en": "Ticket", "ru": "Билет"},
    "price": {"en": "Price", "ru": "Цена"},
    "admits": {"en": "Admits", "ru": "Проход на"},
    "holder": {"en": "Name", "ru": "Имя"},
    "order": {"en": "Order", "ru": "Заказ"},
    "reference": {"en": "Reference", "ru": "Номер билета"},
    "please_show": {"en": "Please show: {what}", "ru": "Предъявите: {what}"},
    "tax_included": {"en": "incl. {rate} tax {tax}", "ru": "вкл. налог {rate} {tax}"},
    "print_n": {
        "en": "Print {number}. Earlier prints are void.",
        "ru": "Печать {number}. Прежние экземпляры недействительны.",
    },
    "practice": {"en": "PRACTICE", "ru": "УЧЕБНЫЙ"},
    "practice_ticket": {
        "en": "PRACTICE – NOT VALID FOR ENTRY",
        "ru": "УЧЕБНЫЙ БИЛЕТ – ПРОХОДА НЕ ДАЁТ",
    },
    "practice_receipt": {"en": "PRACTICE – NOT A RECEIPT", "ru": "УЧЕБНЫЙ – НЕ ЯВЛЯЕТСЯ ЧЕКОМ"},
    "practice_report": {"en": "PRACTICE – NOT A REPORT", "ru": "УЧЕБНЫЙ ОТЧЁТ"},
    "good_to_know": {"en": "Good to know", "ru": "Полезно знать"},
    "note_ticket": {
        "en": "Show the code at the entrance, on paper or on a screen. It lets in once: whoever comes first "
        "is let in, so keep it to yourself.",
        "ru": "Покажите код на входе – на бумаге или на экране. Он пропускает один раз: войдёт тот, кто "
        "пришёл первым, поэтому никому его не показывайте.",
    },
    "note_pass": {
        "en": "Show the code at the entrance on every visit, on paper or on a screen. It is yours: keep it "
        "to yourself.",
        "ru": "Показывайте код на входе при каждом посещении – на бумаге или на экране. Он ваш: никому его "
        "не передавайте.",
    },
    "note_lost": {
        "en": "Lost this ticket? The box office finds it by the reference or the order number.",
        "ru": "Потеряли билет? Касса найдёт его по номеру билета или номеру заказа.",
    },
    "receipt": {"en": "Receipt {number}", "ru": "Чек {number}"},
    "copy": {"en": "COPY {number}", "ru": "КОПИЯ {number}"},
    "station": {"en": "Station", "ru": "Касса"},
    "cashier": {"en": "Cashier", "ru": "Кассир"},
    "tax_id": {"en": "Tax ID {number}", "ru": "ИНН {number}"},
    "subtotal": {"en": "Subtotal", "ru": "Сумма"},
    "discount": {"en": "Discount", "ru": "Скидка"},
    "rounding": {"en": "Rounding", "ru": "Округление"},
    "tax_added": {"en": "Tax", "ru": "Налог"},
    "total": {"en": "Total", "ru": "Итого"},
    "change": {"en": "Change", "ru": "Сдача"},
    "tax_rate": {"en": "Tax", "ru": "Налог"},
    "tax_net": {"en": "Net", "ru": "Без налога"},
    "tax_tax": {"en": "Tax", "ru": "Налог"},
    "tax_gross": {"en": "Gross", "ru": "Всего"},
    "journal": {"en": "Journal", "ru": "Журнал"},
    "lookup": {"en": "Scan at the counter to find this receipt", "ru": "По этому коду касса найдёт чек"},
    "tender_cash": {"en": "Cash", "ru": "Наличные"},
    "tender_card": {"en": "Card", "ru": "Карта"},
    "tender_comp": {"en": "Free of charge", "ru": "Бесплатно"},
    "tender_voucher": {"en": "Voucher", "ru": "Ваучер"},
    "tender_gift_card": {"en": "Gift card", "ru": "Подарочная карта"},
    "tender_invoice": {"en": "Invoice", "ru": "По счёту"},
    "tender_transfer": {"en": "Bank transfer", "ru": "Перевод"},
    "tender_other": {"en": "Other", "ru": "Прочее"},
    "report_x": {"en": "X report", "ru": "X-отчёт"},
    "report_z": {"en": "Z report {number}", "ru": "Z-отчёт {number}"},
    "report_x_note": {"en": "The shift stays open", "ru": "Смена не закрыта"},
    "opened": {"en": "Opened", "ru": "Открыта"},
    "closed": {"en": "Closed", "ru": "Закрыта"},
    "read_at": {"en": "Read", "ru": "Снят"},
    "sales": {"en": "Payments", "ru": "Оплата"},
    "sales_total": {"en": "All payments", "ru": "Всего оплачено"},
    "refunds": {"en": "Refunds", "ru": "Возвраты"},
    "unknown_payments": {
        "en": "Payments without an end, in no sum",
        "ru": "Платежи без исхода, ни в одной сумме",
    },
    "drawer": {"en": "Drawer", "ru": "Денежный ящик"},
    "float": {"en": "Float", "ru": "Размен"},
    "cash_sales": {"en": "Cash taken", "ru": "Принято наличными"},
    "cash_refunds": {"en": "Cash refunds", "ru": "Возвраты наличными"},
    "paid_in": {"en": "Paid in", "ru": "Внесено"},
    "paid_out": {"en": "Paid out", "ru": "Выплачено"},
    "drops": {"en": "Dropped to safe", "ru": "Сдано в сейф"},
    "expected": {"en": "Expected", "ru": "Должно быть"},
    "counted": {"en": "Counted", "ru": "Пересчитано"},
    "difference": {"en": "Difference", "ru": "Расхождение"},
    "receipts": {"en": "Receipts", "ru": "Чеки"},
    "receipts_count": {"en": "Number", "ru": "Количество"},
    "receipts_first": {"en": "First", "ru": "Первый"},
    "receipts_last": {"en": "Last", "ru": "Последний"},
    "synced_all": {"en": "All entries are at the hub", "ru": "Все записи переданы в центр"},
    "unsynced": {"en": "Not yet at the hub", "ru": "Ещё не передано в центр"},
    "taxes": {"en": "Taxes", "ru": "Налоги"},
    "signature_cashier": {"en": "Cashier’s signature", "ru": "Подпись кассира"},
}


class Labels:
    """The words of one language: `Labels("ru")("doors", time="18:30")`."""

    def __init__(self, language: str) -> None:
        self._language = language_of(language)

    def __call__(self, key: str, **params: object) -> str:
        """The text for a key with its parameters filled in. Raises KeyError for a key or parameter not
        known.
        """
        return LABELS[key][self._language].format(**params)

    def tender(self, code: str) -> str:
        """The name of a tender; a venue's own tenders are printed as they are called."""
        key = f"tender_{code}"
        return self(key) if key in LABELS else code
