"""Russian words for practice."""

from ui.wording import Table

PRACTICE: Table = {
    "PRACTICE_STANDS_ALONE": (
        "Это тренировка",
        "Учебная площадка не подключается к узлу и не получает ключей.",
        "Сделайте это на настоящей станции.",
    ),
    "PRACTICE_IN_USE": (
        "Тренировка открыта в другом окне",
        "Файлы в папке {folder} заняты.",
        "Сначала закройте другое окно тренировки.",
    ),
    "PRACTICE_NOT_STARTED": (
        "Тренировка не открывается",
        "Система не запустила программу.",
        "Запустите её сами: gatehouse practice",
    ),
}
