<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="ru" sourcelanguage="en">
<context>
    <name>AccountPage</name>
    <message>
        <source>My account</source>
        <translation>Моя учётная запись</translation>
    </message>
    <message>
        <source>Roles and permissions</source>
        <translation>Роли и права</translation>
    </message>
    <message>
        <source>Sign out</source>
        <translation>Выйти</translation>
    </message>
    <message>
        <source>Me</source>
        <translation>Я</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Имя</translation>
    </message>
    <message>
        <source>As others see it on tiles and receipts.</source>
        <translation>Так его видят другие на плитках и чеках.</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>Переименовать</translation>
    </message>
    <message>
        <source>What I may do</source>
        <translation>Что мне можно</translation>
    </message>
    <message>
        <source>My sessions</source>
        <translation>Мои сеансы</translation>
    </message>
    <message>
        <source>Ask for a role</source>
        <translation>Попросить роль</translation>
    </message>
    <message>
        <source>Role</source>
        <translation>Роль</translation>
    </message>
    <message>
        <source>Ask</source>
        <translation>Попросить</translation>
    </message>
    <message>
        <source>There is no other role to ask for.</source>
        <translation>Других ролей, которые можно попросить, нет.</translation>
    </message>
    <message>
        <source>PIN at this station</source>
        <translation>PIN на этой станции</translation>
    </message>
    <message>
        <source>PIN so far</source>
        <translation>Прежний PIN</translation>
    </message>
    <message>
        <source>New PIN</source>
        <translation>Новый PIN</translation>
    </message>
    <message>
        <source>New PIN once more</source>
        <translation>Новый PIN ещё раз</translation>
    </message>
    <message>
        <source>Change the PIN</source>
        <translation>Сменить PIN</translation>
    </message>
    <message>
        <source>Password</source>
        <translation>Пароль</translation>
    </message>
    <message>
        <source>Password so far</source>
        <translation>Прежний пароль</translation>
    </message>
    <message>
        <source>New password</source>
        <translation>Новый пароль</translation>
    </message>
    <message>
        <source>New password once more</source>
        <translation>Новый пароль ещё раз</translation>
    </message>
    <message>
        <source>Change the password</source>
        <translation>Сменить пароль</translation>
    </message>
    <message>
        <source>Your name was changed.</source>
        <translation>Ваше имя изменено.</translation>
    </message>
    <message>
        <source>The new PIN counts from now on.</source>
        <translation>Теперь действует новый PIN.</translation>
    </message>
    <message>
        <source>The new password counts from now on.</source>
        <translation>Теперь действует новый пароль.</translation>
    </message>
    <message>
        <source>Asked. An admin grants or declines; you are told here.</source>
        <translation>Запрос отправлен. Администратор даст роль или откажет; ответ появится здесь.</translation>
    </message>
    <message>
        <source>You asked for the role: {role}. Nobody has answered yet.</source>
        <translation>Вы просили роль: {role}. Ответа ещё нет.</translation>
    </message>
    <message>
        <source>{who} asks for the role: {role}</source>
        <translation>{who} просит роль: {role}</translation>
    </message>
    <message>
        <source>{who} gave you the role: {role}</source>
        <translation>Вам дана роль: {role} ({who})</translation>
    </message>
    <message>
        <source>{who} declined the role: {role}</source>
        <translation>В роли отказано: {role} ({who})</translation>
    </message>
    <message>
        <source>{what}: {reason}</source>
        <translation>{what}: {reason}</translation>
    </message>
    <message>
        <source>up to {most}</source>
        <translation>до {most}</translation>
    </message>
</context>
<context>
    <name>ApprovalPanel</name>
    <message>
        <source>A supervisor must agree</source>
        <translation>Нужно согласие старшего</translation>
    </message>
    <message>
        <source>Without asking</source>
        <translation>Без согласия</translation>
    </message>
    <message>
        <source>Nobody here can agree</source>
        <translation>Здесь некому согласиться</translation>
    </message>
    <message>
        <source>Somebody with the right to approve signs in at this station first, with a PIN.</source>
        <translation>Сначала на этой станции входит с PIN тот, кто может согласовывать.</translation>
    </message>
    <message>
        <source>Somebody else</source>
        <translation>Другой сотрудник</translation>
    </message>
    <message>
        <source>Who agrees?</source>
        <translation>Кто согласен?</translation>
    </message>
    <message>
        <source>PIN of {name}</source>
        <translation>PIN: {name}</translation>
    </message>
</context>
<context>
    <name>Audit</name>
    <message>
        <source>the program</source>
        <translation>программа</translation>
    </message>
    <message>
        <source>Hub</source>
        <translation>Хаб</translation>
    </message>
</context>
<context>
    <name>AuditTable</name>
    <message>
        <source>Audit trail</source>
        <translation>Журнал действий</translation>
    </message>
</context>
<context>
    <name>AuditTableModel</name>
    <message>
        <source>Time</source>
        <translation>Время</translation>
    </message>
    <message>
        <source>Who</source>
        <translation>Кто</translation>
    </message>
    <message>
        <source>What</source>
        <translation>Что</translation>
    </message>
    <message>
        <source>About</source>
        <translation>О чём</translation>
    </message>
    <message>
        <source>Amount</source>
        <translation>Сумма</translation>
    </message>
    <message>
        <source>Station</source>
        <translation>Станция</translation>
    </message>
    <message>
        <source>Approved by</source>
        <translation>Согласие</translation>
    </message>
    <message>
        <source>{about} (practice)</source>
        <translation>{about} (тренировка)</translation>
    </message>
</context>
<context>
    <name>AuditView</name>
    <message>
        <source>Trail</source>
        <translation>Действия</translation>
    </message>
    <message>
        <source>Patterns</source>
        <translation>Подозрительное</translation>
    </message>
    <message>
        <source>Today</source>
        <translation>Сегодня</translation>
    </message>
    <message>
        <source>7 days</source>
        <translation>7 дней</translation>
    </message>
    <message>
        <source>30 days</source>
        <translation>30 дней</translation>
    </message>
    <message>
        <source>All</source>
        <translation>Всё</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>Время</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>Выгрузить</translation>
    </message>
    <message>
        <source>Nothing stands out</source>
        <translation>Ничего особенного</translation>
    </message>
    <message>
        <source>Voids after cash, many refunds, drawers opened without a sale would stand here.</source>
        <translation>Здесь были бы аннулирования после наличных, частые возвраты, открытия ящика без продажи.</translation>
    </message>
    <message>
        <source>Login</source>
        <translation>Логин</translation>
    </message>
    <message>
        <source>Order</source>
        <translation>Заказ</translation>
    </message>
    <message>
        <source>Station</source>
        <translation>Станция</translation>
    </message>
    <message>
        <source>All stations</source>
        <translation>Все станции</translation>
    </message>
    <message>
        <source>What</source>
        <translation>Что</translation>
    </message>
    <message>
        <source>Everything</source>
        <translation>Всё подряд</translation>
    </message>
    <message>
        <source>Nothing found</source>
        <translation>Ничего не найдено</translation>
    </message>
    <message>
        <source>Look at more days or less narrowly.</source>
        <translation>Возьмите больше дней или меньше условий.</translation>
    </message>
    <message>
        <source>Newer</source>
        <translation>Новее</translation>
    </message>
    <message>
        <source>Older</source>
        <translation>Старше</translation>
    </message>
    <message>
        <source>Page {number}</source>
        <translation>Страница {number}</translation>
    </message>
    <message>
        <source>once</source>
        <translation>один раз</translation>
    </message>
    <message numerus="yes">
        <source>%n times</source>
        <translation>
            <numerusform>%n раз</numerusform>
            <numerusform>%n раза</numerusform>
            <numerusform>%n раз</numerusform>
        </translation>
    </message>
    <message>
        <source>Exported</source>
        <translation>Выгружено</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Открыть</translation>
    </message>
    <message>
        <source>Export the audit trail</source>
        <translation>Выгрузить журнал действий</translation>
    </message>
</context>
<context>
    <name>BoardView</name>
    <message>
        <source>Just over</source>
        <translation>Только что закончились</translation>
    </message>
    <message>
        <source>No fixed time</source>
        <translation>Без времени</translation>
    </message>
    <message>
        <source>Passes and open tickets</source>
        <translation>Абонементы и билеты без даты</translation>
    </message>
</context>
<context>
    <name>BugDialog</name>
    <message>
        <source>Close</source>
        <translation>Закрыть</translation>
    </message>
    <message>
        <source>Copied</source>
        <translation>Скопировано</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Копировать</translation>
    </message>
    <message>
        <source>Something unexpected happened</source>
        <translation>Случилось непредвиденное</translation>
    </message>
    <message>
        <source>What you did before is safe: each step is recorded on its own. The error is in the log; copy it for whoever helps you.</source>
        <translation>Сделанное раньше сохранено: каждый шаг записан отдельно. Ошибка есть в журнале; скопируйте её для того, кто вам помогает.</translation>
    </message>
</context>
<context>
    <name>CameraPage</name>
    <message>
        <source>Hold the codes to the camera</source>
        <translation>Поднесите коды к камере</translation>
    </message>
    <message>
        <source>One after the other, in any order, until all of them are read.</source>
        <translation>По одному, в любом порядке, пока не прочитаются все.</translation>
    </message>
    <message>
        <source>The camera is being opened…</source>
        <translation>Камера включается…</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>Назад</translation>
    </message>
    <message>
        <source>That is no enrolment code.</source>
        <translation>Это не код подключения.</translation>
    </message>
    <message>
        <source>No code has been read yet.</source>
        <translation>Пока не прочитан ни один код.</translation>
    </message>
    <message>
        <source>{have} of {of} codes read.</source>
        <translation>Прочитано кодов: {have} из {of}.</translation>
    </message>
    <message>
        <source>Still missing: code {numbers}</source>
        <translation>Не хватает кода: {numbers}</translation>
    </message>
    <message>
        <source>That code belongs to another file: begun anew with it.</source>
        <translation>Этот код из другого файла: чтение начато заново с него.</translation>
    </message>
</context>
<context>
    <name>CartRow</name>
    <message>
        <source>Remove this line</source>
        <translation>Убрать строку</translation>
    </message>
</context>
<context>
    <name>CartView</name>
    <message>
        <source>Cart</source>
        <translation>Корзина</translation>
    </message>
    <message>
        <source>Clear</source>
        <translation>Очистить</translation>
    </message>
    <message>
        <source>Ctrl+Enter</source>
        <translation>Ctrl+Enter</translation>
    </message>
    <message>
        <source>Enter</source>
        <translation>Enter</translation>
    </message>
    <message>
        <source>Exact cash</source>
        <translation>Без сдачи</translation>
    </message>
    <message>
        <source>Exact cash, print, next sale</source>
        <translation>Наличные без сдачи, печать, следующая продажа</translation>
    </message>
    <message>
        <source>Pay</source>
        <translation>Оплата</translation>
    </message>
    <message>
        <source>Press a product, or its key F1 to F12.</source>
        <translation>Нажмите билет или его клавишу F1–F12.</translation>
    </message>
    <message>
        <source>Ready for the next guest</source>
        <translation>Готово к следующему гостю</translation>
    </message>
    <message>
        <source>Total</source>
        <translation>Итого</translation>
    </message>
    <message>
        <source>with {tax} tax</source>
        <translation>включая налог {tax}</translation>
    </message>
</context>
<context>
    <name>CheckRow</name>
    <message>
        <source>Not set up</source>
        <translation>Не настроено</translation>
    </message>
    <message>
        <source>Test</source>
        <translation>Проверить</translation>
    </message>
    <message>
        <source>Testing…</source>
        <translation>Проверяется…</translation>
    </message>
</context>
<context>
    <name>CloseCard</name>
    <message>
        <source>An open cart stays.</source>
        <translation>Открытая корзина останется.</translation>
    </message>
    <message>
        <source>Cash counted in the drawer</source>
        <translation>Насчитано наличных в ящике</translation>
    </message>
    <message>
        <source>Close all the same</source>
        <translation>Всё равно закрыть</translation>
    </message>
    <message>
        <source>Close the shift</source>
        <translation>Закрыть смену</translation>
    </message>
    <message>
        <source>Closing does not wait for the hub: what is missing there goes later.</source>
        <translation>Закрытие не ждёт сервера: недостающее уйдёт позже.</translation>
    </message>
    <message>
        <source>Closing…</source>
        <translation>Закрываем…</translation>
    </message>
    <message>
        <source>Difference</source>
        <translation>Разница</translation>
    </message>
    <message>
        <source>Enter</source>
        <translation>Enter</translation>
    </message>
    <message>
        <source>The Z report gets its number, nothing more is sold until a shift is opened.</source>
        <translation>Z-отчёт получит номер; продажи остановятся, пока не открыта новая смена.</translation>
    </message>
    <message>
        <source>Type what you counted.</source>
        <translation>Введите, сколько насчитали.</translation>
    </message>
</context>
<context>
    <name>CodeCard</name>
    <message>
        <source>One-time code for {login}</source>
        <translation>Одноразовый код для {login}</translation>
    </message>
    <message>
        <source>Shown only now: write it down or read it out. Good once, until {time}. With it the person chooses a password and a PIN: “I have a code” on the sign-in screen.</source>
        <translation>Виден только сейчас: запишите или продиктуйте. Действует один раз, до {time}. С ним сотрудник выбирает пароль и PIN: «У меня есть код» на экране входа.</translation>
    </message>
</context>
<context>
    <name>CodesPanel</name>
    <message>
        <source>Code before</source>
        <translation>Предыдущий код</translation>
    </message>
    <message>
        <source>Next code</source>
        <translation>Следующий код</translation>
    </message>
    <message>
        <source>Codes for “{name}”</source>
        <translation>Коды для «{name}»</translation>
    </message>
    <message>
        <source>On the new machine: Join a venue, then its camera. Valid once, until {time}.</source>
        <translation>На новой машине: «Подключиться», затем камера. Годен один раз, до {time}.</translation>
    </message>
    <message>
        <source>Code {number} of {all}</source>
        <translation>Код {number} из {all}</translation>
    </message>
</context>
<context>
    <name>ConflictDetail</name>
    <message>
        <source>Back to the list</source>
        <translation>Назад к списку</translation>
    </message>
    <message>
        <source>Resolve: what was it?</source>
        <translation>Разобрать: что это было?</translation>
    </message>
    <message>
        <source>Other reason</source>
        <translation>Другая причина</translation>
    </message>
    <message>
        <source>Resolve</source>
        <translation>Разобрать</translation>
    </message>
    <message>
        <source>Suggested way out</source>
        <translation>Что можно сделать</translation>
    </message>
    <message>
        <source>{reason} (more has come since)</source>
        <translation>{reason} (с тех пор пришло ещё)</translation>
    </message>
</context>
<context>
    <name>ConflictList</name>
    <message>
        <source>Waiting</source>
        <translation>Ждут</translation>
    </message>
    <message>
        <source>All</source>
        <translation>Все</translation>
    </message>
    <message>
        <source>Getting ready…</source>
        <translation>Загрузка…</translation>
    </message>
    <message>
        <source>Conflicts are being read.</source>
        <translation>Конфликты читаются.</translation>
    </message>
    <message>
        <source>Never a conflict</source>
        <translation>Конфликтов не было</translation>
    </message>
    <message>
        <source>Nothing here had to be resolved so far.</source>
        <translation>Разбирать здесь пока ничего не приходилось.</translation>
    </message>
    <message>
        <source>No conflicts</source>
        <translation>Конфликтов нет</translation>
    </message>
    <message>
        <source>All that was sold and let in fits together. New ones appear here by themselves.</source>
        <translation>Всё, что продано и пропущено, сходится. Новые появятся здесь сами.</translation>
    </message>
</context>
<context>
    <name>ConflictWords</name>
    <message>
        <source>Resolved</source>
        <translation>Разобрано</translation>
    </message>
    <message>
        <source>Now</source>
        <translation>Сейчас</translation>
    </message>
    <message>
        <source>Today</source>
        <translation>Сегодня</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>К сведению</translation>
    </message>
    <message>
        <source>{n} min</source>
        <translation>{n} мин</translation>
    </message>
    <message>
        <source>{n} h</source>
        <translation>{n} ч</translation>
    </message>
    <message>
        <source>{n} d</source>
        <translation>{n} дн.</translation>
    </message>
    <message>
        <source>Let in at gate {gate}</source>
        <translation>Пропустили, вход {gate}</translation>
    </message>
    <message>
        <source>Left</source>
        <translation>Вышли</translation>
    </message>
    <message>
        <source>Sold</source>
        <translation>Продано</translation>
    </message>
    <message>
        <source>Reserved</source>
        <translation>Забронирован</translation>
    </message>
    <message>
        <source>Reservation given up</source>
        <translation>Бронь снята</translation>
    </message>
    <message>
        <source>Paid</source>
        <translation>Оплачен</translation>
    </message>
    <message>
        <source>Refunded</source>
        <translation>Возвращён</translation>
    </message>
    <message>
        <source>Voided</source>
        <translation>Отменён</translation>
    </message>
    <message>
        <source>Exchanged</source>
        <translation>Обменян</translation>
    </message>
    <message>
        <source>Gift card issued</source>
        <translation>Выпущена подарочная карта</translation>
    </message>
    <message>
        <source>Gift card used</source>
        <translation>Оплата подарочной картой</translation>
    </message>
    <message>
        <source>Gift card refilled</source>
        <translation>Пополнена подарочная карта</translation>
    </message>
    <message>
        <source>Event cancelled</source>
        <translation>Мероприятие отменено</translation>
    </message>
    <message>
        <source>Printed again</source>
        <translation>Напечатан заново</translation>
    </message>
    <message>
        <source>Printed</source>
        <translation>Напечатан</translation>
    </message>
    <message>
        <source>Admission undone</source>
        <translation>Проход отменён</translation>
    </message>
    <message>
        <source>Shift opened</source>
        <translation>Смена открыта</translation>
    </message>
    <message>
        <source>Shift closed</source>
        <translation>Смена закрыта</translation>
    </message>
    <message>
        <source>Settings changed</source>
        <translation>Настройки изменены</translation>
    </message>
    <message>
        <source>User added</source>
        <translation>Добавлен пользователь</translation>
    </message>
    <message>
        <source>Conflict resolved</source>
        <translation>Конфликт разобран</translation>
    </message>
    <message>
        <source>Catalogue changed</source>
        <translation>Каталог изменён</translation>
    </message>
    <message>
        <source>clock never compared with the hub</source>
        <translation>часы не сверялись с хабом</translation>
    </message>
    <message>
        <source>The later gate knew of the earlier scan.</source>
        <translation>На втором входе знали о первом скане.</translation>
    </message>
    <message>
        <source>Neither gate knew of the other. By their clocks the order is as shown.</source>
        <translation>Входы не знали друг о друге. По их часам порядок такой, как показано.</translation>
    </message>
    <message>
        <source>Order unknown: neither gate knew of the other, and their clocks cannot tell which was first.</source>
        <translation>Порядок неизвестен: входы не знали друг о друге, а по их часам нельзя сказать, кто был первым.</translation>
    </message>
</context>
<context>
    <name>ConflictsPage</name>
    <message>
        <source>Choose a conflict</source>
        <translation>Выберите конфликт</translation>
    </message>
    <message>
        <source>Both sides and the suggested way out appear here.</source>
        <translation>Здесь появятся обе стороны и что можно сделать.</translation>
    </message>
    <message>
        <source>Resolved</source>
        <translation>Разобрано</translation>
    </message>
</context>
<context>
    <name>Desk</name>
    <message>
        <source>A new conflict is waiting.</source>
        <translation>Появился новый конфликт.</translation>
    </message>
</context>
<context>
    <name>DeviceCard</name>
    <message>
        <source>Testing…</source>
        <translation>Проверка…</translation>
    </message>
</context>
<context>
    <name>DevicesPage</name>
    <message>
        <source>No picture yet</source>
        <translation>Картинки пока нет</translation>
    </message>
    <message>
        <source>Camera</source>
        <translation>Камера</translation>
    </message>
    <message>
        <source>Reads QR codes from paper and phones.</source>
        <translation>Читает QR-коды с бумаги и телефонов.</translation>
    </message>
    <message>
        <source>Take a picture</source>
        <translation>Сделать снимок</translation>
    </message>
    <message>
        <source>Serial scanner</source>
        <translation>Сканер на порту</translation>
    </message>
    <message>
        <source>A hand scanner or a reader in the turnstile, on a serial port.</source>
        <translation>Ручной сканер или считыватель в турникете на последовательном порту.</translation>
    </message>
    <message>
        <source>Open the port</source>
        <translation>Открыть порт</translation>
    </message>
    <message>
        <source>Keyboard scanner</source>
        <translation>Сканер-клавиатура</translation>
    </message>
    <message>
        <source>A scanner that types. Nothing to set up: scan any code now to try it.</source>
        <translation>Сканер, который печатает. Настраивать нечего: отсканируйте любой код для проверки.</translation>
    </message>
    <message>
        <source>Turnstile</source>
        <translation>Турникет</translation>
    </message>
    <message>
        <source>A relay that opens for one person after each admission.</source>
        <translation>Реле, которое открывает проход одному человеку после каждого пропуска.</translation>
    </message>
    <message>
        <source>Open once</source>
        <translation>Открыть один раз</translation>
    </message>
    <message>
        <source>Printer</source>
        <translation>Принтер</translation>
    </message>
    <message>
        <source>Prints tickets and receipts.</source>
        <translation>Печатает билеты и чеки.</translation>
    </message>
    <message>
        <source>Ask the system</source>
        <translation>Спросить систему</translation>
    </message>
    <message>
        <source>Gate</source>
        <translation>Вход</translation>
    </message>
    <message>
        <source>Where this station stands when it lets people in.</source>
        <translation>Где стоит эта станция, когда пропускает людей.</translation>
    </message>
    <message>
        <source>No picture</source>
        <translation>Нет картинки</translation>
    </message>
    <message>
        <source>The camera gives pictures.</source>
        <translation>Камера даёт картинку.</translation>
    </message>
    <message>
        <source>The port is open. Scan a code to see it arrive.</source>
        <translation>Порт открыт. Отсканируйте код, он появится здесь.</translation>
    </message>
    <message>
        <source>The turnstile was told to open.</source>
        <translation>Турникет получил команду открыться.</translation>
    </message>
    <message>
        <source>The system knows the printer.</source>
        <translation>Система знает этот принтер.</translation>
    </message>
    <message>
        <source>It works</source>
        <translation>Работает</translation>
    </message>
    <message>
        <source>{n} characters, beginning with {start}…</source>
        <translation>Знаков: {n}, начало: {start}…</translation>
    </message>
    <message>
        <source>A code arrived</source>
        <translation>Код получен</translation>
    </message>
</context>
<context>
    <name>DoneView</name>
    <message>
        <source>Change</source>
        <translation>Сдача</translation>
    </message>
    <message>
        <source>Enter</source>
        <translation>Enter</translation>
    </message>
    <message>
        <source>Next sale</source>
        <translation>Следующая продажа</translation>
    </message>
    <message>
        <source>No change</source>
        <translation>Без сдачи</translation>
    </message>
    <message>
        <source>Open PDF</source>
        <translation>Открыть PDF</translation>
    </message>
    <message>
        <source>Print</source>
        <translation>Печать</translation>
    </message>
    <message>
        <source>Save to…</source>
        <translation>Сохранить…</translation>
    </message>
    <message>
        <source>The sale is recorded.</source>
        <translation>Продажа записана.</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Повторить</translation>
    </message>
    <message>
        <source>{tickets} · order {reference}</source>
        <translation>{tickets} · заказ {reference}</translation>
    </message>
</context>
<context>
    <name>DoubtCard</name>
    <message>
        <source>Order {order}</source>
        <translation>Заказ {order}</translation>
    </message>
    <message>
        <source>{station} · {cashier} · {since}</source>
        <translation>{station} · {cashier} · {since}</translation>
    </message>
    <message>
        <source>Waiting for the terminal</source>
        <translation>Ждём терминал</translation>
    </message>
    <message>
        <source>Nobody knows the end</source>
        <translation>Исход неизвестен</translation>
    </message>
    <message>
        <source>How do you know?</source>
        <translation>Откуда это известно?</translation>
    </message>
    <message>
        <source>Slip, bank, terminal…</source>
        <translation>Чек, банк, терминал…</translation>
    </message>
    <message>
        <source>Reference of the terminal</source>
        <translation>Номер операции терминала</translation>
    </message>
    <message>
        <source>Money was taken</source>
        <translation>Деньги списаны</translation>
    </message>
    <message>
        <source>Not taken</source>
        <translation>Не списаны</translation>
    </message>
</context>
<context>
    <name>DoubtsPanel</name>
    <message>
        <source>Payments without an end</source>
        <translation>Платежи без исхода</translation>
    </message>
    <message>
        <source>They are in no sum. Ask the terminal or the bank, then say what became of each: money that was taken is booked in the shift that is open here.</source>
        <translation>Они не входят ни в одну сумму. Узнайте у терминала или в банке и укажите исход каждого: списанные деньги попадут в смену, открытую здесь.</translation>
    </message>
</context>
<context>
    <name>EntryPanel</name>
    <message>
        <source>Time</source>
        <translation>Время</translation>
    </message>
    <message>
        <source>Who</source>
        <translation>Кто</translation>
    </message>
    <message>
        <source>Station</source>
        <translation>Станция</translation>
    </message>
    <message>
        <source>About</source>
        <translation>О чём</translation>
    </message>
    <message>
        <source>Amount</source>
        <translation>Сумма</translation>
    </message>
    <message>
        <source>Approved by</source>
        <translation>Согласие</translation>
    </message>
    <message>
        <source>Practice</source>
        <translation>Тренировка</translation>
    </message>
    <message>
        <source>yes</source>
        <translation>да</translation>
    </message>
    <message>
        <source>no</source>
        <translation>нет</translation>
    </message>
    <message>
        <source>Entry</source>
        <translation>Запись</translation>
    </message>
</context>
<context>
    <name>FaultStrip</name>
    <message numerus="yes">
        <source>and %n more</source>
        <translation>
            <numerusform>и ещё %n</numerusform>
            <numerusform>и ещё %n</numerusform>
            <numerusform>и ещё %n</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>FirstRunScreen</name>
    <message>
        <source>4 to 12 figures.</source>
        <translation>От 4 до 12 цифр.</translation>
    </message>
    <message>
        <source>A theatre, a museum and a ferry line, ready to sell and scan.</source>
        <translation>Театр, музей и паромная линия: можно сразу продавать и сканировать.</translation>
    </message>
    <message>
        <source>All of this can be changed later in the settings.</source>
        <translation>Всё это можно потом изменить в настройках.</translation>
    </message>
    <message>
        <source>Hold its codes to the camera</source>
        <translation>Поднести коды к камере</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>Дальше</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>Назад</translation>
    </message>
    <message>
        <source>Enrolment files and pictures of their codes (*.json *.enrol *.png *.jpg);;All files (*)</source>
        <translation>Файлы подключения и картинки их кодов (*.json *.enrol *.png *.jpg);;Все файлы (*)</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>Выбрать…</translation>
    </message>
    <message>
        <source>Currency</source>
        <translation>Валюта</translation>
    </message>
    <message>
        <source>Enrolment file</source>
        <translation>Файл подключения</translation>
    </message>
    <message>
        <source>How do you want to begin?</source>
        <translation>С чего начнём?</translation>
    </message>
    <message>
        <source>Join a venue</source>
        <translation>Подключиться к площадке</translation>
    </message>
    <message>
        <source>Login</source>
        <translation>Логин</translation>
    </message>
    <message>
        <source>Make the venue</source>
        <translation>Создать площадку</translation>
    </message>
    <message>
        <source>Name of the first admin</source>
        <translation>Имя первого администратора</translation>
    </message>
    <message>
        <source>Name of the venue</source>
        <translation>Название площадки</translation>
    </message>
    <message>
        <source>Name of this station</source>
        <translation>Название этой станции</translation>
    </message>
    <message>
        <source>Name, currency, time zone and the first admin. Two minutes.</source>
        <translation>Название, валюта, часовой пояс и первый администратор. Две минуты.</translation>
    </message>
    <message>
        <source>New venue</source>
        <translation>Новая площадка</translation>
    </message>
    <message>
        <source>With the enrolment file or the QR codes that an admin gave you for this machine.</source>
        <translation>С файлом подключения или QR-кодами, которые дал администратор для этой машины.</translation>
    </message>
    <message>
        <source>PIN</source>
        <translation>PIN</translation>
    </message>
    <message>
        <source>PIN again</source>
        <translation>PIN ещё раз</translation>
    </message>
    <message>
        <source>Start with demo data</source>
        <translation>Начать с примера</translation>
    </message>
    <message>
        <source>Such as Europe/Berlin.</source>
        <translation>Например, Europe/Moscow.</translation>
    </message>
    <message>
        <source>The file is valid once and for a short time. It stays on this machine only.</source>
        <translation>Файл действует один раз и недолго. Он остаётся только на этой машине.</translation>
    </message>
    <message>
        <source>Three letters, such as EUR.</source>
        <translation>Три буквы, например RUB.</translation>
    </message>
    <message>
        <source>Till 1</source>
        <translation>Касса 1</translation>
    </message>
    <message>
        <source>Time zone</source>
        <translation>Часовой пояс</translation>
    </message>
    <message>
        <source>Welcome to Gatehouse</source>
        <translation>Добро пожаловать в Gatehouse</translation>
    </message>
</context>
<context>
    <name>Gate</name>
    <message>
        <source>All performances</source>
        <translation>Все сеансы</translation>
    </message>
    <message>
        <source>Camera</source>
        <translation>Камера</translation>
    </message>
    <message>
        <source>Check only: nothing is used up, nothing opens</source>
        <translation>Только проверка: ничего не списывается и не открывается</translation>
    </message>
    <message>
        <source>Check: {what}</source>
        <translation>Проверьте: {what}</translation>
    </message>
    <message>
        <source>Entries left: {n}</source>
        <translation>Осталось проходов: {n}</translation>
    </message>
    <message>
        <source>Exit: people are let out here</source>
        <translation>Выход: здесь выпускают</translation>
    </message>
    <message>
        <source>First used {when}</source>
        <translation>Первый проход: {when}</translation>
    </message>
    <message>
        <source>First used {when}, gate {gate}</source>
        <translation>Первый проход: {when}, вход {gate}</translation>
    </message>
    <message>
        <source>Gate {code}</source>
        <translation>Вход {code}</translation>
    </message>
    <message>
        <source>Hold the code to the camera</source>
        <translation>Поднесите код к камере</translation>
    </message>
    <message>
        <source>Hold the code to the camera or the scanner</source>
        <translation>Поднесите код к камере или сканеру</translation>
    </message>
    <message>
        <source>Hold the code to the scanner</source>
        <translation>Поднесите код к сканеру</translation>
    </message>
    <message>
        <source>Keyboard</source>
        <translation>Клавиатура</translation>
    </message>
    <message>
        <source>Listening</source>
        <translation>Жду код</translation>
    </message>
    <message>
        <source>Live</source>
        <translation>На связи</translation>
    </message>
    <message>
        <source>Offline</source>
        <translation>Без связи</translation>
    </message>
    <message>
        <source>Offline since {when}</source>
        <translation>Без связи с {when}</translation>
    </message>
    <message>
        <source>Only checked: nothing was used up</source>
        <translation>Только проверка: ничего не списано</translation>
    </message>
    <message>
        <source>Printer</source>
        <translation>Принтер</translation>
    </message>
    <message>
        <source>Scanner</source>
        <translation>Сканер</translation>
    </message>
    <message>
        <source>The camera is starting. Keyboard scanners and typing work already</source>
        <translation>Камера запускается. Сканер-клавиатура и ввод вручную уже работают</translation>
    </message>
    <message>
        <source>This station alone</source>
        <translation>Станция работает одна</translation>
    </message>
    <message>
        <source>Turnstile</source>
        <translation>Турникет</translation>
    </message>
    <message>
        <source>Use a keyboard scanner, or type the reference from the ticket</source>
        <translation>Отсканируйте сканером-клавиатурой или введите номер с билета</translation>
    </message>
    <message>
        <source>Valid</source>
        <translation>Действителен</translation>
    </message>
    <message>
        <source>Valid until {when}</source>
        <translation>Действует до {when}</translation>
    </message>
    <message>
        <source>admits {n}</source>
        <translation>на {n} чел.</translation>
    </message>
    <message>
        <source>lane {lane}</source>
        <translation>проход {lane}</translation>
    </message>
    <message>
        <source>listening</source>
        <translation>работает</translation>
    </message>
    <message>
        <source>lost</source>
        <translation>нет связи</translation>
    </message>
    <message>
        <source>none</source>
        <translation>нет</translation>
    </message>
    <message>
        <source>ready</source>
        <translation>готов</translation>
    </message>
    <message>
        <source>starting…</source>
        <translation>запускается…</translation>
    </message>
    <message>
        <source>{device}: {state}</source>
        <translation>{device}: {state}</translation>
    </message>
</context>
<context>
    <name>GatePage</name>
    <message>
        <source>Check</source>
        <translation>Проверить</translation>
    </message>
    <message>
        <source>Check only</source>
        <translation>Только проверка</translation>
    </message>
    <message>
        <source>Direction</source>
        <translation>Направление</translation>
    </message>
    <message>
        <source>Entry</source>
        <translation>Вход</translation>
    </message>
    <message>
        <source>Exit</source>
        <translation>Выход</translation>
    </message>
    <message>
        <source>Let in</source>
        <translation>Пропустить</translation>
    </message>
    <message>
        <source>Let out</source>
        <translation>Выпустить</translation>
    </message>
    <message>
        <source>Looking the ticket up</source>
        <translation>Ищу билет</translation>
    </message>
    <message>
        <source>Mode</source>
        <translation>Режим</translation>
    </message>
    <message>
        <source>No picture</source>
        <translation>Нет картинки</translation>
    </message>
    <message>
        <source>One moment</source>
        <translation>Секунду</translation>
    </message>
    <message>
        <source>Reference or code</source>
        <translation>Номер или код</translation>
    </message>
    <message>
        <source>The camera is starting…</source>
        <translation>Камера запускается…</translation>
    </message>
    <message>
        <source>Type the reference, such as ABCD-EFG7, or a code</source>
        <translation>Номер с билета, например ABCD-EFG7, или код</translation>
    </message>
    <message>
        <source>{text} (And {n} more.)</source>
        <translation>{text} (И ещё {n}.)</translation>
    </message>
</context>
<context>
    <name>Health</name>
    <message>
        <source>Hub</source>
        <translation>Хаб</translation>
    </message>
    <message>
        <source>Age of the data</source>
        <translation>Давность данных</translation>
    </message>
    <message>
        <source>Places here</source>
        <translation>Места на этой станции</translation>
    </message>
    <message>
        <source>Clock</source>
        <translation>Часы</translation>
    </message>
    <message>
        <source>Disk</source>
        <translation>Диск</translation>
    </message>
    <message>
        <source>Backup</source>
        <translation>Резервная копия</translation>
    </message>
    <message>
        <source>Print queue</source>
        <translation>Очередь печати</translation>
    </message>
    <message>
        <source>Printer</source>
        <translation>Принтер</translation>
    </message>
    <message>
        <source>Camera</source>
        <translation>Камера</translation>
    </message>
    <message>
        <source>Serial scanner</source>
        <translation>Сканер на порту</translation>
    </message>
    <message>
        <source>Turnstile</source>
        <translation>Турникет</translation>
    </message>
    <message>
        <source>Sound</source>
        <translation>Звук</translation>
    </message>
    <message>
        <source>Certificate</source>
        <translation>Сертификат</translation>
    </message>
    <message>
        <source>Root key</source>
        <translation>Корневой ключ</translation>
    </message>
    <message>
        <source>Recovery key</source>
        <translation>Ключ восстановления</translation>
    </message>
    <message>
        <source>Keystore</source>
        <translation>Хранилище ключей</translation>
    </message>
    <message>
        <source>Restored from a backup</source>
        <translation>Восстановлено из копии</translation>
    </message>
</context>
<context>
    <name>HealthPage</name>
    <message>
        <source>Looking…</source>
        <translation>Смотрим…</translation>
    </message>
    <message>
        <source>Test devices</source>
        <translation>Проверить устройства</translation>
    </message>
    <message>
        <source>Tries printer, camera and scanner; the turnstile does not move.</source>
        <translation>Проверяет принтер, камеру и сканер; турникет не двигается.</translation>
    </message>
    <message>
        <source>Station and hub</source>
        <translation>Станция и хаб</translation>
    </message>
    <message>
        <source>Devices</source>
        <translation>Устройства</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>Ключи</translation>
    </message>
    <message>
        <source>Not ready: 1 thing</source>
        <translation>Не готово: 1 замечание</translation>
    </message>
    <message numerus="yes">
        <source>Not ready: %n things</source>
        <translation>
            <numerusform>Не готово: %n замечание</numerusform>
            <numerusform>Не готово: %n замечания</numerusform>
            <numerusform>Не готово: %n замечаний</numerusform>
        </translation>
    </message>
    <message>
        <source>Ready for doors</source>
        <translation>Готово к открытию дверей</translation>
    </message>
    <message>
        <source>1 thing to look at when there is time.</source>
        <translation>Есть 1 замечание на потом.</translation>
    </message>
    <message numerus="yes">
        <source>%n things to look at when there is time.</source>
        <translation>
            <numerusform>Есть %n замечание на потом.</numerusform>
            <numerusform>Есть %n замечания на потом.</numerusform>
            <numerusform>Есть %n замечаний на потом.</numerusform>
        </translation>
    </message>
    <message>
        <source>Everything else is in order.</source>
        <translation>Всё остальное в порядке.</translation>
    </message>
    <message>
        <source>Everything is in order.</source>
        <translation>Всё в порядке.</translation>
    </message>
</context>
<context>
    <name>HeldPanel</name>
    <message>
        <source>Held entries</source>
        <translation>Отложенные записи</translation>
    </message>
    <message>
        <source>Nothing is held</source>
        <translation>Ничего не отложено</translation>
    </message>
    <message>
        <source>Every entry that came here has been read.</source>
        <translation>Все пришедшие сюда записи прочитаны.</translation>
    </message>
    <message>
        <source>An entry that cannot be read</source>
        <translation>Нечитаемая запись</translation>
    </message>
    <message>
        <source>{station}, number {number} · {when}</source>
        <translation>{station}, номер {number} · {when}</translation>
    </message>
    <message>
        <source>Newer program</source>
        <translation>Новая версия</translation>
    </message>
    <message>
        <source>Does not fit</source>
        <translation>Не сходится</translation>
    </message>
    <message>
        <source>Held by the hub</source>
        <translation>Ждёт в хабе</translation>
    </message>
    <message>
        <source>Set aside</source>
        <translation>Отклонена</translation>
    </message>
    <message>
        <source>A newer program wrote it. It is read by itself after an update of this one.</source>
        <translation>Её написала более новая программа. После обновления она прочитается сама.</translation>
    </message>
    <message>
        <source>Its values do not fit together. It delays nothing; tell who looks after this.</source>
        <translation>Её значения не сходятся. Она ничего не задерживает; сообщите тому, кто отвечает за систему.</translation>
    </message>
    <message>
        <source>The hub keeps it and reads it after its own update.</source>
        <translation>Хаб хранит её и прочитает после своего обновления.</translation>
    </message>
</context>
<context>
    <name>HelpPanel</name>
    <message>
        <source>Help</source>
        <translation>Справка</translation>
    </message>
</context>
<context>
    <name>HitsPanel</name>
    <message>
        <source>More than one ticket has this reference. Compare with the paper.</source>
        <translation>Этот номер есть у нескольких билетов. Сверьте с бумагой.</translation>
    </message>
    <message>
        <source>Which ticket is it?</source>
        <translation>Какой это билет?</translation>
    </message>
</context>
<context>
    <name>InlineMessage</name>
    <message>
        <source>Close this message</source>
        <translation>Закрыть сообщение</translation>
    </message>
</context>
<context>
    <name>InvitePanel</name>
    <message>
        <source>Invite somebody</source>
        <translation>Пригласить сотрудника</translation>
    </message>
    <message>
        <source>Login</source>
        <translation>Логин</translation>
    </message>
    <message>
        <source>Letters A to Z, digits, point, dash.</source>
        <translation>Буквы A–Z, цифры, точка, дефис.</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Имя</translation>
    </message>
    <message>
        <source>As others see it on tiles and receipts.</source>
        <translation>Так его видят другие на плитках и чеках.</translation>
    </message>
    <message>
        <source>Invite</source>
        <translation>Пригласить</translation>
    </message>
    <message>
        <source>Roles</source>
        <translation>Роли</translation>
    </message>
</context>
<context>
    <name>JournalKinds</name>
    <message>
        <source>Program started</source>
        <translation>Запуск программы</translation>
    </message>
    <message>
        <source>Date confirmed by hand</source>
        <translation>Дата подтверждена вручную</translation>
    </message>
    <message>
        <source>Settings changed</source>
        <translation>Изменены настройки</translation>
    </message>
    <message>
        <source>Event created</source>
        <translation>Создано событие</translation>
    </message>
    <message>
        <source>Event changed</source>
        <translation>Изменено событие</translation>
    </message>
    <message>
        <source>Event published</source>
        <translation>Событие опубликовано</translation>
    </message>
    <message>
        <source>Event cancelled</source>
        <translation>Событие отменено</translation>
    </message>
    <message>
        <source>Event finished</source>
        <translation>Событие завершено</translation>
    </message>
    <message>
        <source>Performance created</source>
        <translation>Создан сеанс</translation>
    </message>
    <message>
        <source>Performance changed</source>
        <translation>Изменён сеанс</translation>
    </message>
    <message>
        <source>Quota created</source>
        <translation>Создана квота</translation>
    </message>
    <message>
        <source>Quota changed</source>
        <translation>Изменена квота</translation>
    </message>
    <message>
        <source>Product created</source>
        <translation>Создан продукт</translation>
    </message>
    <message>
        <source>Product changed</source>
        <translation>Изменён продукт</translation>
    </message>
    <message>
        <source>Promo code created</source>
        <translation>Промокод создан</translation>
    </message>
    <message>
        <source>Promo code changed</source>
        <translation>Промокод изменён</translation>
    </message>
    <message>
        <source>Gate created</source>
        <translation>Создан вход</translation>
    </message>
    <message>
        <source>Gate changed</source>
        <translation>Изменён вход</translation>
    </message>
    <message>
        <source>Person added</source>
        <translation>Добавлен сотрудник</translation>
    </message>
    <message>
        <source>Roles or access changed</source>
        <translation>Роли или доступ изменены</translation>
    </message>
    <message>
        <source>Person renamed</source>
        <translation>Сотрудник переименован</translation>
    </message>
    <message>
        <source>Password set</source>
        <translation>Пароль задан</translation>
    </message>
    <message>
        <source>PIN set</source>
        <translation>PIN задан</translation>
    </message>
    <message>
        <source>Too many wrong PINs</source>
        <translation>Слишком много неверных PIN</translation>
    </message>
    <message>
        <source>One-time code given</source>
        <translation>Выдан одноразовый код</translation>
    </message>
    <message>
        <source>One-time code used</source>
        <translation>Одноразовый код использован</translation>
    </message>
    <message>
        <source>Role changed</source>
        <translation>Роль изменена</translation>
    </message>
    <message>
        <source>Role asked for</source>
        <translation>Запрошена роль</translation>
    </message>
    <message>
        <source>Request for a role answered</source>
        <translation>Ответ на запрос роли</translation>
    </message>
    <message>
        <source>Signed in</source>
        <translation>Вход</translation>
    </message>
    <message>
        <source>Session ended</source>
        <translation>Сеанс завершён</translation>
    </message>
    <message>
        <source>Order put under a name</source>
        <translation>Заказ записан на имя</translation>
    </message>
    <message>
        <source>Drawer opened without a sale</source>
        <translation>Ящик открыт без продажи</translation>
    </message>
    <message>
        <source>Practice opened</source>
        <translation>Открыта тренировка</translation>
    </message>
    <message>
        <source>Personal data kept</source>
        <translation>Личные данные сохранены</translation>
    </message>
    <message>
        <source>Personal data erased</source>
        <translation>Личные данные стёрты</translation>
    </message>
    <message>
        <source>Order sold</source>
        <translation>Продан заказ</translation>
    </message>
    <message>
        <source>Places reserved</source>
        <translation>Места забронированы</translation>
    </message>
    <message>
        <source>Reservation given up</source>
        <translation>Бронь снята</translation>
    </message>
    <message>
        <source>Payment started</source>
        <translation>Оплата начата</translation>
    </message>
    <message>
        <source>Payment taken</source>
        <translation>Оплата получена</translation>
    </message>
    <message>
        <source>Payment failed</source>
        <translation>Оплата не прошла</translation>
    </message>
    <message>
        <source>Payment unclear</source>
        <translation>Оплата не ясна</translation>
    </message>
    <message>
        <source>Payment cleared up</source>
        <translation>Оплата выяснена</translation>
    </message>
    <message>
        <source>Refund paid</source>
        <translation>Возврат выплачен</translation>
    </message>
    <message>
        <source>Order voided</source>
        <translation>Заказ аннулирован</translation>
    </message>
    <message>
        <source>Tickets exchanged</source>
        <translation>Билеты обменены</translation>
    </message>
    <message>
        <source>Order rights given up</source>
        <translation>Права на заказ отданы</translation>
    </message>
    <message>
        <source>Order right granted</source>
        <translation>Право на заказ выдано</translation>
    </message>
    <message>
        <source>Order rights written off</source>
        <translation>Права на заказ списаны</translation>
    </message>
    <message>
        <source>Gift card issued</source>
        <translation>Выдана подарочная карта</translation>
    </message>
    <message>
        <source>Gift card used</source>
        <translation>Подарочная карта использована</translation>
    </message>
    <message>
        <source>Gift card refilled</source>
        <translation>Подарочная карта пополнена</translation>
    </message>
    <message>
        <source>Gift card reserved</source>
        <translation>Сумма карты зарезервирована</translation>
    </message>
    <message>
        <source>Gift card reserve written off</source>
        <translation>Резерв карты списан</translation>
    </message>
    <message>
        <source>Tickets printed</source>
        <translation>Напечатаны билеты</translation>
    </message>
    <message>
        <source>Ticket printed again</source>
        <translation>Билет напечатан повторно</translation>
    </message>
    <message>
        <source>Let in</source>
        <translation>Пропущен</translation>
    </message>
    <message>
        <source>Let out</source>
        <translation>Вышел</translation>
    </message>
    <message>
        <source>Scan refused</source>
        <translation>Отказ на входе</translation>
    </message>
    <message>
        <source>Admission taken back</source>
        <translation>Пропуск отменён</translation>
    </message>
    <message>
        <source>Claim given up</source>
        <translation>Заявка на проход снята</translation>
    </message>
    <message>
        <source>Turnstile opened</source>
        <translation>Турникет открыт</translation>
    </message>
    <message>
        <source>Certificate issued</source>
        <translation>Выдан сертификат</translation>
    </message>
    <message>
        <source>Station revoked</source>
        <translation>Станция отозвана</translation>
    </message>
    <message>
        <source>Shift opened</source>
        <translation>Смена открыта</translation>
    </message>
    <message>
        <source>Shift closed</source>
        <translation>Смена закрыта</translation>
    </message>
    <message>
        <source>Places reserved for a till</source>
        <translation>Места отданы кассе</translation>
    </message>
    <message>
        <source>Places taken back</source>
        <translation>Места забраны обратно</translation>
    </message>
    <message>
        <source>Copied data folder found</source>
        <translation>Найдена копия папки данных</translation>
    </message>
    <message>
        <source>Lost entries written off</source>
        <translation>Потерянные записи списаны</translation>
    </message>
    <message>
        <source>Places returned</source>
        <translation>Места возвращены</translation>
    </message>
    <message>
        <source>Conflict resolved</source>
        <translation>Конфликт разобран</translation>
    </message>
</context>
<context>
    <name>JournalTable</name>
    <message>
        <source>Journal</source>
        <translation>Журнал</translation>
    </message>
</context>
<context>
    <name>JournalTableModel</name>
    <message>
        <source>No.</source>
        <translation>№</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>Время</translation>
    </message>
    <message>
        <source>What</source>
        <translation>Что</translation>
    </message>
    <message>
        <source>Who</source>
        <translation>Кто</translation>
    </message>
    <message>
        <source>Hash</source>
        <translation>Хеш</translation>
    </message>
    <message>
        <source>Hub</source>
        <translation>Хаб</translation>
    </message>
    <message>
        <source>at the hub</source>
        <translation>на хабе</translation>
    </message>
    <message>
        <source>waiting</source>
        <translation>ждёт</translation>
    </message>
    <message>
        <source>this station</source>
        <translation>эта станция</translation>
    </message>
</context>
<context>
    <name>KeysPage</name>
    <message>
        <source>This station</source>
        <translation>Эта станция</translation>
    </message>
    <message>
        <source>Trusted at this gate</source>
        <translation>Кому верит этот вход</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>Ключи</translation>
    </message>
    <message>
        <source>Another station</source>
        <translation>Другая станция</translation>
    </message>
    <message>
        <source>An enrolment file from the hub&apos;s administrator, shown as codes for its camera.</source>
        <translation>Файл подключения от администратора хаба, показанный кодами для её камеры.</translation>
    </message>
    <message>
        <source>Show an enrolment file as codes…</source>
        <translation>Показать файл подключения кодами…</translation>
    </message>
    <message>
        <source>Enrolment file</source>
        <translation>Файл подключения</translation>
    </message>
    <message>
        <source>Enrolment files (*.json *.enrol);;All files (*)</source>
        <translation>Файлы подключения (*.json *.enrol);;Все файлы (*)</translation>
    </message>
    <message>
        <source>the system&apos;s keystore</source>
        <translation>хранилище ключей системы</translation>
    </message>
    <message>
        <source>a file of this user</source>
        <translation>файл этого пользователя</translation>
    </message>
    <message>
        <source>none yet</source>
        <translation>ещё нет</translation>
    </message>
    <message>
        <source>yes</source>
        <translation>да</translation>
    </message>
    <message>
        <source>Station id</source>
        <translation>Номер станции</translation>
    </message>
    <message>
        <source>Epoch</source>
        <translation>Эпоха</translation>
    </message>
    <message>
        <source>Signing key</source>
        <translation>Ключ подписи</translation>
    </message>
    <message>
        <source>Certified by the root key</source>
        <translation>Заверен корневым ключом</translation>
    </message>
    <message>
        <source>no</source>
        <translation>нет</translation>
    </message>
    <message>
        <source>Root key of the organization</source>
        <translation>Корневой ключ организации</translation>
    </message>
    <message>
        <source>Recovery key</source>
        <translation>Ключ восстановления</translation>
    </message>
    <message>
        <source>A lost key can be recovered</source>
        <translation>Потерянный ключ можно восстановить</translation>
    </message>
    <message>
        <source>Secrets are kept in</source>
        <translation>Где хранятся секреты</translation>
    </message>
</context>
<context>
    <name>KeysTableModel</name>
    <message>
        <source>Station</source>
        <translation>Станция</translation>
    </message>
    <message>
        <source>Key</source>
        <translation>Ключ</translation>
    </message>
    <message>
        <source>May sign</source>
        <translation>Может подписывать</translation>
    </message>
    <message>
        <source>Sells until</source>
        <translation>Продаёт до</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Состояние</translation>
    </message>
    <message>
        <source>journal</source>
        <translation>журнал</translation>
    </message>
    <message>
        <source>tickets</source>
        <translation>билеты</translation>
    </message>
    <message>
        <source>good</source>
        <translation>действует</translation>
    </message>
    <message>
        <source>ends within a day</source>
        <translation>кончается в течение суток</translation>
    </message>
    <message numerus="yes">
        <source>ends in %n days</source>
        <translation>
            <numerusform>кончается через %n день</numerusform>
            <numerusform>кончается через %n дня</numerusform>
            <numerusform>кончается через %n дней</numerusform>
        </translation>
    </message>
    <message>
        <source>sells no more; old tickets stay good</source>
        <translation>больше не продаёт; старые билеты действуют</translation>
    </message>
    <message>
        <source>revoked</source>
        <translation>отозван</translation>
    </message>
    <message>
        <source>{station} (this station)</source>
        <translation>{station} (эта станция)</translation>
    </message>
    <message>
        <source>open</source>
        <translation>без срока</translation>
    </message>
</context>
<context>
    <name>LastSale</name>
    <message>
        <source>Change {amount}</source>
        <translation>Сдача {amount}</translation>
    </message>
    <message>
        <source>Last: {receipt}</source>
        <translation>Последняя: {receipt}</translation>
    </message>
    <message>
        <source>Open the tickets as PDF</source>
        <translation>Открыть билеты в PDF</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Повторить</translation>
    </message>
</context>
<context>
    <name>LockBar</name>
    <message>
        <source>Locked – {name}. Scanning goes on.</source>
        <translation>Заблокировано – {name}. Сканирование идёт.</translation>
    </message>
    <message>
        <source>PIN</source>
        <translation>PIN</translation>
    </message>
</context>
<context>
    <name>LookPage</name>
    <message>
        <source>Back</source>
        <translation>Назад</translation>
    </message>
    <message>
        <source>Join</source>
        <translation>Подключиться</translation>
    </message>
    <message>
        <source>What this machine will see</source>
        <translation>Что будет видеть эта машина</translation>
    </message>
    <message>
        <source>This machine becomes “{name}”</source>
        <translation>Эта машина станет станцией «{name}»</translation>
    </message>
    <message>
        <source>Hub {hub} · receipts {prefix} · the file is valid until {time}</source>
        <translation>Хаб {hub} · чеки {prefix} · файл годен до {time}</translation>
    </message>
    <message>
        <source>The connection is not encrypted by the venue&apos;s own certificate</source>
        <translation>Соединение не защищено сертификатом площадки</translation>
    </message>
    <message>
        <source>That is right on one machine; over a network ask for a file with TLS.</source>
        <translation>На одной машине это нормально; для сети попросите файл с TLS.</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>Gatehouse – PRACTICE</source>
        <translation>Gatehouse – ТРЕНИРОВКА</translation>
    </message>
    <message>
        <source>A code was scanned. This screen has no use for codes.</source>
        <translation>Отсканирован код, но этому экрану коды не нужны.</translation>
    </message>
</context>
<context>
    <name>NumberCell</name>
    <message>
        <source>{n} in all</source>
        <translation>всего {n}</translation>
    </message>
</context>
<context>
    <name>NumberPad</name>
    <message>
        <source>Delete the last figure</source>
        <translation>Стереть последнюю цифру</translation>
    </message>
    <message>
        <source>Enter</source>
        <translation>Ввод</translation>
    </message>
</context>
<context>
    <name>NumbersCard</name>
    <message>
        <source>Expected</source>
        <translation>Ожидаем</translation>
    </message>
    <message>
        <source>Inside</source>
        <translation>Внутри</translation>
    </message>
    <message>
        <source>Last minute</source>
        <translation>За минуту</translation>
    </message>
    <message>
        <source>Let in</source>
        <translation>Вошли</translation>
    </message>
    <message>
        <source>Refused</source>
        <translation>Отказы</translation>
    </message>
</context>
<context>
    <name>OpenShiftCard</name>
    <message>
        <source>Cash in the drawer now</source>
        <translation>Наличные в ящике сейчас</translation>
    </message>
    <message>
        <source>Count the coins and notes you start with. They are not counted as sales.</source>
        <translation>Пересчитайте деньги, с которых начинаете. Они не считаются выручкой.</translation>
    </message>
    <message>
        <source>Enter</source>
        <translation>Enter</translation>
    </message>
    <message>
        <source>Open a shift to sell</source>
        <translation>Откройте смену, чтобы продавать</translation>
    </message>
    <message>
        <source>Open shift</source>
        <translation>Открыть смену</translation>
    </message>
</context>
<context>
    <name>OrderDetail</name>
    <message>
        <source>Back to the list</source>
        <translation>Назад к списку</translation>
    </message>
    <message>
        <source>Print again</source>
        <translation>Печать</translation>
    </message>
    <message>
        <source>Open PDF</source>
        <translation>Открыть PDF</translation>
    </message>
    <message>
        <source>Save to…</source>
        <translation>Сохранить…</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Повторить</translation>
    </message>
    <message>
        <source>Not printed yet</source>
        <translation>Ещё не напечатано</translation>
    </message>
    <message>
        <source>Ticket</source>
        <translation>Билет</translation>
    </message>
    <message numerus="yes">
        <source>%n tickets</source>
        <translation>
            <numerusform>%n билет</numerusform>
            <numerusform>%n билета</numerusform>
            <numerusform>%n билетов</numerusform>
        </translation>
    </message>
    <message>
        <source>Payment</source>
        <translation>Оплата</translation>
    </message>
    <message>
        <source>Nothing was due</source>
        <translation>Платить было нечего</translation>
    </message>
    <message>
        <source>given {given}, change {change}</source>
        <translation>получено {given}, сдача {change}</translation>
    </message>
    <message>
        <source>What happened</source>
        <translation>Что произошло</translation>
    </message>
    <message>
        <source>Sold at {station}</source>
        <translation>Продано: {station}</translation>
    </message>
    <message>
        <source>Admitted at gate {gate}</source>
        <translation>Проход, вход {gate}</translation>
    </message>
    <message>
        <source>Left at gate {gate}</source>
        <translation>Выход, вход {gate}</translation>
    </message>
</context>
<context>
    <name>OrderList</name>
    <message>
        <source>Receipt, reference, or scan a ticket</source>
        <translation>Чек, номер или скан билета</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Повторить</translation>
    </message>
    <message>
        <source>Getting ready…</source>
        <translation>Готовимся…</translation>
    </message>
    <message>
        <source>Orders are being read.</source>
        <translation>Читаем заказы.</translation>
    </message>
    <message>
        <source>Nothing found</source>
        <translation>Ничего не найдено</translation>
    </message>
    <message>
        <source>No order, receipt or ticket is called “{text}” here.</source>
        <translation>Здесь нет заказа, чека или билета «{text}».</translation>
    </message>
    <message>
        <source>Show the latest</source>
        <translation>Показать последние</translation>
    </message>
    <message>
        <source>No orders yet</source>
        <translation>Заказов пока нет</translation>
    </message>
    <message>
        <source>What is sold at any till appears here.</source>
        <translation>Здесь появится всё, что продано в любой кассе.</translation>
    </message>
    <message>
        <source>Found</source>
        <translation>Найдено</translation>
    </message>
    <message>
        <source>Latest orders</source>
        <translation>Последние заказы</translation>
    </message>
    <message numerus="yes">
        <source>The latest %n orders</source>
        <translation>
            <numerusform>Последний %n заказ</numerusform>
            <numerusform>Последние %n заказа</numerusform>
            <numerusform>Последние %n заказов</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>OrderWords</name>
    <message>
        <source>Open</source>
        <translation>Открыт</translation>
    </message>
    <message>
        <source>Reserved</source>
        <translation>Забронирован</translation>
    </message>
    <message>
        <source>Paid</source>
        <translation>Оплачен</translation>
    </message>
    <message>
        <source>Partly refunded</source>
        <translation>Частичный возврат</translation>
    </message>
    <message>
        <source>Refunded</source>
        <translation>Возвращён</translation>
    </message>
    <message>
        <source>Void</source>
        <translation>Аннулирован</translation>
    </message>
    <message>
        <source>Released</source>
        <translation>Бронь снята</translation>
    </message>
    <message>
        <source>Valid</source>
        <translation>Действует</translation>
    </message>
    <message>
        <source>Used</source>
        <translation>Использован</translation>
    </message>
    <message>
        <source>Cancelled</source>
        <translation>Отменён</translation>
    </message>
    <message>
        <source>At the hub</source>
        <translation>На сервере</translation>
    </message>
    <message>
        <source>Waiting for the hub</source>
        <translation>Ждёт отправки</translation>
    </message>
    <message>
        <source>All tickets are cancelled; there is nothing to print.</source>
        <translation>Все билеты отменены, печатать нечего.</translation>
    </message>
    <message>
        <source>Sold at {station}; print it there.</source>
        <translation>Продано на станции {station}; печатайте там.</translation>
    </message>
    <message>
        <source>Your roles do not include printing.</source>
        <translation>Ваши роли не разрешают печать.</translation>
    </message>
</context>
<context>
    <name>OrdersPage</name>
    <message>
        <source>Choose an order</source>
        <translation>Выберите заказ</translation>
    </message>
    <message>
        <source>Or scan one of its tickets, or the code on its receipt.</source>
        <translation>Или отсканируйте билет либо код на чеке.</translation>
    </message>
    <message>
        <source>Save tickets and receipt to</source>
        <translation>Куда сохранить билеты и чек</translation>
    </message>
</context>
<context>
    <name>PaperWords</name>
    <message>
        <source>Opening the tickets…</source>
        <translation>Открываем билеты…</translation>
    </message>
    <message>
        <source>Printing…</source>
        <translation>Печатаем…</translation>
    </message>
    <message>
        <source>Saved as PDF</source>
        <translation>Сохранено в PDF</translation>
    </message>
    <message>
        <source>Saved: {files}</source>
        <translation>Сохранено: {files}</translation>
    </message>
    <message>
        <source>Saving the PDFs…</source>
        <translation>Сохраняем PDF…</translation>
    </message>
    <message>
        <source>Sent to the printer</source>
        <translation>Отправлено на принтер</translation>
    </message>
    <message>
        <source>Tickets are open in the PDF viewer</source>
        <translation>Билеты открыты в программе просмотра</translation>
    </message>
</context>
<context>
    <name>PartRow</name>
    <message>
        <source>Take this part back</source>
        <translation>Убрать эту часть</translation>
    </message>
</context>
<context>
    <name>PayPanel</name>
    <message>
        <source>As on its slip; never a card number.</source>
        <translation>Как на слипе; никогда не номер карты.</translation>
    </message>
    <message>
        <source>Card</source>
        <translation>Карта</translation>
    </message>
    <message>
        <source>Cash</source>
        <translation>Наличные</translation>
    </message>
    <message>
        <source>Change</source>
        <translation>Сдача</translation>
    </message>
    <message>
        <source>Enter</source>
        <translation>Enter</translation>
    </message>
    <message>
        <source>Exact</source>
        <translation>Ровно</translation>
    </message>
    <message>
        <source>Given</source>
        <translation>Получено</translation>
    </message>
    <message>
        <source>Issue, nothing to pay</source>
        <translation>Выдать бесплатно</translation>
    </message>
    <message>
        <source>Left to pay</source>
        <translation>Осталось оплатить</translation>
    </message>
    <message>
        <source>Reference of the terminal</source>
        <translation>Номер операции терминала</translation>
    </message>
    <message>
        <source>Sell for {amount}</source>
        <translation>Продать за {amount}</translation>
    </message>
    <message>
        <source>Selling…</source>
        <translation>Продаём…</translation>
    </message>
    <message>
        <source>Still missing</source>
        <translation>Не хватает</translation>
    </message>
    <message>
        <source>Take {part} by card, the rest in cash</source>
        <translation>{part} картой, остальное наличными</translation>
    </message>
    <message>
        <source>Take {part} in cash, the rest by card</source>
        <translation>{part} наличными, остальное картой</translation>
    </message>
    <message>
        <source>The terminal took {amount}</source>
        <translation>Терминал принял {amount}</translation>
    </message>
    <message>
        <source>To pay</source>
        <translation>К оплате</translation>
    </message>
    <message>
        <source>Too much</source>
        <translation>Лишнее</translation>
    </message>
    <message>
        <source>Use the new price</source>
        <translation>Взять новую цену</translation>
    </message>
</context>
<context>
    <name>People</name>
    <message>
        <source>Invited</source>
        <translation>Приглашён</translation>
    </message>
    <message>
        <source>Active</source>
        <translation>Работает</translation>
    </message>
    <message>
        <source>Shut out</source>
        <translation>Вход закрыт</translation>
    </message>
    <message>
        <source>without limit</source>
        <translation>без предела</translation>
    </message>
</context>
<context>
    <name>PeoplePage</name>
    <message>
        <source>Roles and permissions</source>
        <translation>Роли и права</translation>
    </message>
    <message>
        <source>People</source>
        <translation>Сотрудники</translation>
    </message>
    <message>
        <source>Sessions</source>
        <translation>Сеансы</translation>
    </message>
    <message>
        <source>Audit trail</source>
        <translation>Журнал действий</translation>
    </message>
</context>
<context>
    <name>PeopleView</name>
    <message>
        <source>Name, login or role</source>
        <translation>Имя, логин или роль</translation>
    </message>
    <message>
        <source>Invite</source>
        <translation>Пригласить</translation>
    </message>
    <message>
        <source>Choose somebody</source>
        <translation>Выберите сотрудника</translation>
    </message>
    <message>
        <source>Roles, codes and access appear here.</source>
        <translation>Здесь появятся роли, коды и доступ.</translation>
    </message>
    <message>
        <source>Getting ready…</source>
        <translation>Минутку…</translation>
    </message>
    <message>
        <source>People are being read.</source>
        <translation>Читаем список сотрудников.</translation>
    </message>
    <message>
        <source>Nobody like this</source>
        <translation>Таких нет</translation>
    </message>
    <message>
        <source>Search for other letters.</source>
        <translation>Попробуйте другие буквы.</translation>
    </message>
</context>
<context>
    <name>PersonDetail</name>
    <message>
        <source>Back to the list</source>
        <translation>К списку</translation>
    </message>
    <message>
        <source>Keep these roles</source>
        <translation>Сохранить роли</translation>
    </message>
    <message>
        <source>As others see it on tiles and receipts</source>
        <translation>Так его видят другие на плитках и чеках</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>Переименовать</translation>
    </message>
    <message>
        <source>Reason, for the audit trail</source>
        <translation>Причина, для журнала</translation>
    </message>
    <message>
        <source>Shut out</source>
        <translation>Закрыть вход</translation>
    </message>
    <message>
        <source>Let in again</source>
        <translation>Снова впустить</translation>
    </message>
    <message>
        <source>Name and password are erased at every station and at the hub, and cannot be brought back. That they sold and let in stays in the journal, under the login. Roles stay: shut them out too if they have gone.</source>
        <translation>Имя и пароль стираются на всех станциях и на узле, вернуть их нельзя. Продажи и проходы остаются в журнале под логином. Роли остаются: если человек ушёл, закройте и вход.</translation>
    </message>
    <message>
        <source>Type the login to confirm</source>
        <translation>Введите логин, чтобы подтвердить</translation>
    </message>
    <message>
        <source>Erase personal data</source>
        <translation>Стереть личные данные</translation>
    </message>
    <message>
        <source>Roles</source>
        <translation>Роли</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Имя</translation>
    </message>
    <message>
        <source>Invitation, PIN and password</source>
        <translation>Приглашение, PIN и пароль</translation>
    </message>
    <message>
        <source>Access</source>
        <translation>Доступ</translation>
    </message>
    <message>
        <source>Personal data</source>
        <translation>Личные данные</translation>
    </message>
    <message>
        <source>Reset PIN and password</source>
        <translation>Сбросить PIN и пароль</translation>
    </message>
    <message>
        <source>For whoever forgot: PIN, password and sessions end, a one-time code replaces them.</source>
        <translation>Для забывших: PIN, пароль и сеансы кончаются, их заменяет одноразовый код.</translation>
    </message>
    <message>
        <source>Give a one-time code</source>
        <translation>Выдать одноразовый код</translation>
    </message>
    <message>
        <source>For whoever has no password yet, or forgot the PIN: the code replaces both.</source>
        <translation>Для тех, у кого ещё нет пароля или забыт PIN: код заменяет и то и другое.</translation>
    </message>
    <message>
        <source>New invitation code</source>
        <translation>Новый код приглашения</translation>
    </message>
    <message>
        <source>For whoever lost the code: the former one is worth nothing from then on.</source>
        <translation>Для тех, кто потерял код: прежний после этого не действует.</translation>
    </message>
    <message>
        <source>Shut out: no sign-in anywhere. The roles are kept.</source>
        <translation>Вход закрыт везде. Роли сохранены.</translation>
    </message>
    <message>
        <source>Ends all sessions, here at once, elsewhere at the next contact with the hub.</source>
        <translation>Завершает все сеансы: здесь сразу, на других станциях при связи с узлом.</translation>
    </message>
    <message>
        <source>that is you</source>
        <translation>это вы</translation>
    </message>
    <message>
        <source>PIN at this station</source>
        <translation>PIN на этой станции</translation>
    </message>
    <message>
        <source>no PIN at this station</source>
        <translation>нет PIN на этой станции</translation>
    </message>
    <message>
        <source>has a password</source>
        <translation>есть пароль</translation>
    </message>
    <message>
        <source>has not signed in yet</source>
        <translation>ещё не входил</translation>
    </message>
</context>
<context>
    <name>PinPad</name>
    <message>
        <source>PIN</source>
        <translation>PIN</translation>
    </message>
</context>
<context>
    <name>PlacesCard</name>
    <message>
        <source>Places this station may sell</source>
        <translation>Места, которые продаёт эта станция</translation>
    </message>
    <message>
        <source>None are held now. Places are fetched when a shift is opened.</source>
        <translation>Сейчас мест здесь нет. Они запрашиваются при открытии смены.</translation>
    </message>
    <message>
        <source>A station without a hub sells all places by itself.</source>
        <translation>Станция без хаба сама продаёт все места.</translation>
    </message>
    <message>
        <source>{here} here · {all} in all</source>
        <translation>{here} здесь · {all} всего</translation>
    </message>
    <message>
        <source>until {when}</source>
        <translation>до {when}</translation>
    </message>
    <message>
        <source>time is over</source>
        <translation>срок истёк</translation>
    </message>
    <message>
        <source>Uses of a promo code</source>
        <translation>Применения промокода</translation>
    </message>
    <message>
        <source>The whole event</source>
        <translation>Всё событие</translation>
    </message>
</context>
<context>
    <name>PracticeFrame</name>
    <message>
        <source>PRACTICE – nothing here is real</source>
        <translation>ТРЕНИРОВКА – здесь всё не по-настоящему</translation>
    </message>
</context>
<context>
    <name>PracticePage</name>
    <message>
        <source>Tickets sold in practice</source>
        <translation>Учебные билеты</translation>
    </message>
    <message>
        <source>Hold one before the camera, then go to the gate: it sees the ticket.</source>
        <translation>Поднесите билет к камере и откройте вход: он увидит билет.</translation>
    </message>
    <message>
        <source>Nothing was sold yet</source>
        <translation>Пока ничего не продано</translation>
    </message>
    <message>
        <source>Sell a ticket: it appears here.</source>
        <translation>Продайте билет – он появится здесь.</translation>
    </message>
    <message>
        <source>Sell</source>
        <translation>Продажа</translation>
    </message>
    <message>
        <source>What may go wrong</source>
        <translation>Что может пойти не так</translation>
    </message>
    <message>
        <source>The printer is jammed</source>
        <translation>Принтер застрял</translation>
    </message>
    <message>
        <source>The network is cut</source>
        <translation>Связи нет</translation>
    </message>
    <message>
        <source>Tickets and receipts wait until it is cleared.</source>
        <translation>Билеты и чеки ждут, пока он не заработает.</translation>
    </message>
    <message>
        <source>Selling and admitting go on; the badge counts what waits.</source>
        <translation>Продажа и проход продолжаются; значок считает, сколько ждёт отправки.</translation>
    </message>
    <message>
        <source>About practice</source>
        <translation>О тренировке</translation>
    </message>
    <message>
        <source>Everything here is a copy: sales count in no report, and nothing reaches the hub.</source>
        <translation>Всё здесь – копия: продажи не входят ни в один отчёт, и на узел ничего не уходит.</translation>
    </message>
    <message>
        <source>A real gate answers PRACTICE to these tickets and stays shut.</source>
        <translation>Настоящий вход отвечает на эти билеты «учебный билет» и не открывается.</translation>
    </message>
    <message>
        <source>Prices and events are those of this station; times are moved so that doors open soon.</source>
        <translation>Цены и события – этой станции; время сдвинуто так, чтобы двери скоро открылись.</translation>
    </message>
    <message>
        <source>Tomorrow practice begins afresh. To do so now: gatehouse practice --reset</source>
        <translation>Завтра тренировка начнётся заново. Чтобы сделать это сейчас: gatehouse practice --reset</translation>
    </message>
    <message>
        <source>Practice</source>
        <translation>Тренировка</translation>
    </message>
    <message>
        <source>Take away</source>
        <translation>Убрать</translation>
    </message>
    <message>
        <source>Hold to the camera</source>
        <translation>Поднести к камере</translation>
    </message>
</context>
<context>
    <name>ProductsView</name>
    <message>
        <source>Nothing is sold here yet</source>
        <translation>Здесь пока ничего не продаётся</translation>
    </message>
    <message>
        <source>This event has no products. Choose another one on the board.</source>
        <translation>У этого события нет билетов. Выберите другое на табло.</translation>
    </message>
    <message numerus="yes">
        <source>admits %n</source>
        <translation>
            <numerusform>на %n человека</numerusform>
            <numerusform>на %n человек</numerusform>
            <numerusform>на %n человек</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>PromoRow</name>
    <message>
        <source>Promo code</source>
        <translation>Промокод</translation>
    </message>
    <message>
        <source>Apply</source>
        <translation>Применить</translation>
    </message>
    <message>
        <source>No promo code</source>
        <translation>Без промокода</translation>
    </message>
    <message>
        <source>Take the promo code off</source>
        <translation>Убрать промокод</translation>
    </message>
    <message numerus="yes">
        <source>%n uses left here</source>
        <translation>
            <numerusform>здесь осталось %n применение</numerusform>
            <numerusform>здесь осталось %n применения</numerusform>
            <numerusform>здесь осталось %n применений</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ReportCard</name>
    <message numerus="yes">
        <source>%n entries are not at the hub yet</source>
        <translation>
            <numerusform>%n запись ещё не на сервере</numerusform>
            <numerusform>%n записи ещё не на сервере</numerusform>
            <numerusform>%n записей ещё не на сервере</numerusform>
        </translation>
    </message>
    <message>
        <source>1 entry is not at the hub yet</source>
        <translation>1 запись ещё не на сервере</translation>
    </message>
    <message>
        <source>Cash sales</source>
        <translation>Продажи за наличные</translation>
    </message>
    <message>
        <source>Closed</source>
        <translation>Закрыта</translation>
    </message>
    <message>
        <source>Counted</source>
        <translation>Насчитано</translation>
    </message>
    <message>
        <source>Drawer</source>
        <translation>Ящик</translation>
    </message>
    <message>
        <source>Everything is at the hub</source>
        <translation>Всё на сервере</translation>
    </message>
    <message>
        <source>Expected in the drawer</source>
        <translation>Должно быть в ящике</translation>
    </message>
    <message>
        <source>Float</source>
        <translation>Размен на начало</translation>
    </message>
    <message>
        <source>Last Z report</source>
        <translation>Последний Z-отчёт</translation>
    </message>
    <message>
        <source>Making the PDF…</source>
        <translation>Готовим PDF…</translation>
    </message>
    <message>
        <source>No receipt yet</source>
        <translation>Чеков пока нет</translation>
    </message>
    <message>
        <source>Open PDF</source>
        <translation>Открыть PDF</translation>
    </message>
    <message>
        <source>Open in the PDF viewer</source>
        <translation>Открыт в программе просмотра</translation>
    </message>
    <message>
        <source>Other tenders</source>
        <translation>Другие способы оплаты</translation>
    </message>
    <message>
        <source>Payments without an end, in no sum</source>
        <translation>Платежи без исхода, ни в одной сумме</translation>
    </message>
    <message>
        <source>Receipts</source>
        <translation>Чеки</translation>
    </message>
    <message>
        <source>Save to…</source>
        <translation>Сохранить…</translation>
    </message>
    <message>
        <source>Saved: {file}</source>
        <translation>Сохранено: {file}</translation>
    </message>
    <message>
        <source>Shift is open</source>
        <translation>Смена открыта</translation>
    </message>
    <message>
        <source>Taken in all</source>
        <translation>Всего принято</translation>
    </message>
    <message>
        <source>This shift</source>
        <translation>Эта смена</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Повторить</translation>
    </message>
    <message>
        <source>X report</source>
        <translation>X-отчёт</translation>
    </message>
    <message>
        <source>Z report {number}</source>
        <translation>Z-отчёт {number}</translation>
    </message>
    <message>
        <source>{cashier} · drawer {drawer} · since {opened}</source>
        <translation>{cashier} · ящик {drawer} · с {opened}</translation>
    </message>
    <message>
        <source>{cashier} · drawer {drawer} · {opened} to {closed}</source>
        <translation>{cashier} · ящик {drawer} · {opened} – {closed}</translation>
    </message>
</context>
<context>
    <name>RequestCard</name>
    <message>
        <source>{name} asks for the role: {role}</source>
        <translation>{name} просит роль: {role}</translation>
    </message>
    <message>
        <source>Grant</source>
        <translation>Дать</translation>
    </message>
    <message>
        <source>Decline</source>
        <translation>Отказать</translation>
    </message>
    <message>
        <source>Why? The person reads it.</source>
        <translation>Почему? Человек это прочитает.</translation>
    </message>
</context>
<context>
    <name>RolePanel</name>
    <message>
        <source>Short name</source>
        <translation>Краткое имя</translation>
    </message>
    <message>
        <source>Small letters, digits and dashes; it stays for good.</source>
        <translation>Строчные латинские буквы, цифры, дефис; навсегда.</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Название</translation>
    </message>
    <message>
        <source>As people read it.</source>
        <translation>Как его читают люди.</translation>
    </message>
    <message>
        <source>Keep</source>
        <translation>Сохранить</translation>
    </message>
    <message>
        <source>Remove this role</source>
        <translation>Удалить роль</translation>
    </message>
    <message>
        <source>New role</source>
        <translation>Новая роль</translation>
    </message>
    <message>
        <source>{what}: up to, without asking a supervisor</source>
        <translation>{what}: до какого предела без старшего</translation>
    </message>
    <message>
        <source>without limit</source>
        <translation>без предела</translation>
    </message>
</context>
<context>
    <name>RolesTableModel</name>
    <message>
        <source>May</source>
        <translation>Можно</translation>
    </message>
    <message>
        <source>{what}: up to</source>
        <translation>{what}: до</translation>
    </message>
</context>
<context>
    <name>RolesView</name>
    <message>
        <source>Role</source>
        <translation>Роль</translation>
    </message>
    <message>
        <source>Change</source>
        <translation>Изменить</translation>
    </message>
    <message>
        <source>New role</source>
        <translation>Новая роль</translation>
    </message>
    <message>
        <source>Roles and permissions</source>
        <translation>Роли и права</translation>
    </message>
    <message>
        <source>To change roles: {who}</source>
        <translation>Чтобы изменить роли: {who}</translation>
    </message>
</context>
<context>
    <name>ScanPanel</name>
    <message>
        <source>Another reason</source>
        <translation>Другая причина</translation>
    </message>
    <message>
        <source>Exit</source>
        <translation>Выход</translation>
    </message>
    <message>
        <source>Gate {gate}, lane {lane}</source>
        <translation>Вход {gate}, проход {lane}</translation>
    </message>
    <message>
        <source>Scan</source>
        <translation>Проход</translation>
    </message>
    <message>
        <source>Taken back</source>
        <translation>Отменено</translation>
    </message>
    <message>
        <source>Undo this admission</source>
        <translation>Отменить пропуск</translation>
    </message>
    <message>
        <source>Why is it taken back?</source>
        <translation>Почему отменяем?</translation>
    </message>
</context>
<context>
    <name>ScanRowButton</name>
    <message>
        <source>undone</source>
        <translation>отменено</translation>
    </message>
</context>
<context>
    <name>ScansCard</name>
    <message>
        <source>Last scans</source>
        <translation>Последние</translation>
    </message>
    <message>
        <source>Nobody was scanned here yet.</source>
        <translation>Здесь ещё никого не сканировали.</translation>
    </message>
    <message>
        <source>Take back the last admission</source>
        <translation>Отменить последний пропуск</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Отменить</translation>
    </message>
</context>
<context>
    <name>Screens</name>
    <message>
        <source>My account</source>
        <translation>Моя учётная запись</translation>
    </message>
    <message>
        <source>People</source>
        <translation>Сотрудники</translation>
    </message>
    <message>
        <source>Practice</source>
        <translation>Тренировка</translation>
    </message>
    <message>
        <source>Sell</source>
        <translation>Продажа</translation>
    </message>
    <message>
        <source>Gate</source>
        <translation>Вход</translation>
    </message>
    <message>
        <source>Orders</source>
        <translation>Заказы</translation>
    </message>
    <message>
        <source>Shift</source>
        <translation>Смена</translation>
    </message>
    <message>
        <source>Conflicts</source>
        <translation>Конфликты</translation>
    </message>
    <message>
        <source>Sync</source>
        <translation>Связь</translation>
    </message>
    <message>
        <source>Health</source>
        <translation>Готовность</translation>
    </message>
    <message>
        <source>Devices</source>
        <translation>Устройства</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>Ключи</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Настройки</translation>
    </message>
</context>
<context>
    <name>SearchField</name>
    <message>
        <source>Clear the search</source>
        <translation>Очистить поиск</translation>
    </message>
</context>
<context>
    <name>SeenList</name>
    <message>
        <source>all events</source>
        <translation>все события</translation>
    </message>
    <message>
        <source>one event</source>
        <translation>одно событие</translation>
    </message>
    <message numerus="yes">
        <source>%n events</source>
        <translation>
            <numerusform>%n событие</numerusform>
            <numerusform>%n события</numerusform>
            <numerusform>%n событий</numerusform>
        </translation>
    </message>
    <message>
        <source>Sales, tickets and admissions: {events}</source>
        <translation>Продажи, билеты и проходы: {events}</translation>
    </message>
    <message>
        <source>Shifts and takings of all stations</source>
        <translation>Смены и выручка всех станций</translation>
    </message>
    <message>
        <source>Conversations with guests</source>
        <translation>Переписка с гостями</translation>
    </message>
    <message>
        <source>Names and addresses of guests</source>
        <translation>Имена и адреса гостей</translation>
    </message>
    <message>
        <source>Names of those who work here</source>
        <translation>Имена тех, кто здесь работает</translation>
    </message>
    <message>
        <source>Sees</source>
        <translation>Видит</translation>
    </message>
    <message>
        <source>Does not see</source>
        <translation>Не видит</translation>
    </message>
</context>
<context>
    <name>SellCounts</name>
    <message numerus="yes">
        <source>%n left</source>
        <translation>
            <numerusform>осталось %n</numerusform>
            <numerusform>осталось %n</numerusform>
            <numerusform>осталось %n</numerusform>
        </translation>
    </message>
    <message>
        <source>1 ticket</source>
        <translation>1 билет</translation>
    </message>
    <message numerus="yes">
        <source>%n tickets</source>
        <translation>
            <numerusform>%n билет</numerusform>
            <numerusform>%n билета</numerusform>
            <numerusform>%n билетов</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>SellPage</name>
    <message numerus="yes">
        <source>%n sales were not printed, the oldest: {receipt}</source>
        <translation>
            <numerusform>Не напечатана %n продажа, самая старая: {receipt}</numerusform>
            <numerusform>Не напечатаны %n продажи, самая старая: {receipt}</numerusform>
            <numerusform>Не напечатано %n продаж, самая старая: {receipt}</numerusform>
        </translation>
    </message>
    <message>
        <source>1 sale was not printed: {receipt}</source>
        <translation>Не напечатана 1 продажа: {receipt}</translation>
    </message>
    <message>
        <source>Getting ready…</source>
        <translation>Готовимся…</translation>
    </message>
    <message>
        <source>Look again</source>
        <translation>Посмотреть ещё раз</translation>
    </message>
    <message>
        <source>Nothing is on sale</source>
        <translation>Ничего не продаётся</translation>
    </message>
    <message>
        <source>Payment</source>
        <translation>Оплата</translation>
    </message>
    <message>
        <source>Performances are being read.</source>
        <translation>Читаем расписание.</translation>
    </message>
    <message>
        <source>The date is right</source>
        <translation>Дата верна</translation>
    </message>
    <message>
        <source>Print now</source>
        <translation>Напечатать</translation>
    </message>
    <message>
        <source>Printing…</source>
        <translation>Печатаем…</translation>
    </message>
    <message>
        <source>Published events with performances or passes appear here.</source>
        <translation>Здесь появятся опубликованные события с сеансами или абонементами.</translation>
    </message>
    <message>
        <source>1 payment has no end</source>
        <translation>У 1 платежа нет исхода</translation>
    </message>
    <message numerus="yes">
        <source>%n payments have no end</source>
        <translation>
            <numerusform>У %n платежа нет исхода</numerusform>
            <numerusform>У %n платежей нет исхода</numerusform>
            <numerusform>У %n платежей нет исхода</numerusform>
        </translation>
    </message>
    <message>
        <source>Nobody knows whether the money has moved.</source>
        <translation>Неизвестно, списаны ли деньги.</translation>
    </message>
    <message>
        <source>Clear up</source>
        <translation>Выяснить</translation>
    </message>
    <message>
        <source>Save tickets and receipt to</source>
        <translation>Куда сохранить билеты и чек</translation>
    </message>
    <message>
        <source>Sold</source>
        <translation>Продано</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Повторить</translation>
    </message>
    <message>
        <source>Use the new price</source>
        <translation>Взять новую цену</translation>
    </message>
</context>
<context>
    <name>SellWords</name>
    <message>
        <source>Event cancelled</source>
        <translation>Событие отменено</translation>
    </message>
    <message>
        <source>Event over</source>
        <translation>Событие завершено</translation>
    </message>
    <message>
        <source>Not published yet</source>
        <translation>Ещё не опубликовано</translation>
    </message>
    <message>
        <source>Not sold at the counter</source>
        <translation>Не продаётся в кассе</translation>
    </message>
    <message>
        <source>On sale from {when}</source>
        <translation>В продаже с {when}</translation>
    </message>
    <message>
        <source>Sales ended {when}</source>
        <translation>Продажа закончилась {when}</translation>
    </message>
    <message>
        <source>Sold out</source>
        <translation>Распродано</translation>
    </message>
    <message>
        <source>{here} left here, {all} in all</source>
        <translation>осталось {here} здесь, {all} всего</translation>
    </message>
</context>
<context>
    <name>SessionLine</name>
    <message>
        <source>since {time}</source>
        <translation>с {time}</translation>
    </message>
    <message>
        <source>this station</source>
        <translation>эта станция</translation>
    </message>
    <message>
        <source>End</source>
        <translation>Завершить</translation>
    </message>
    <message>
        <source>End the session of {name}</source>
        <translation>Завершить сеанс: {name}</translation>
    </message>
</context>
<context>
    <name>SessionsView</name>
    <message>
        <source>Lasting</source>
        <translation>Идут</translation>
    </message>
    <message>
        <source>All</source>
        <translation>Все</translation>
    </message>
    <message>
        <source>No sessions</source>
        <translation>Сеансов нет</translation>
    </message>
    <message>
        <source>Nobody is signed in anywhere.</source>
        <translation>Нигде никто не вошёл.</translation>
    </message>
    <message numerus="yes">
        <source>%n older</source>
        <translation>
            <numerusform>ещё %n более старый</numerusform>
            <numerusform>ещё %n более старых</numerusform>
            <numerusform>ещё %n более старых</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>SettingRow</name>
    <message>
        <source>This value does not fit. Write a whole number, such as {default}.</source>
        <translation>Не подходит. Введите целое число, например {default}.</translation>
    </message>
    <message>
        <source>This value does not fit.</source>
        <translation>Это значение не подходит.</translation>
    </message>
    <message>
        <source>Given when the program was started; cannot be changed here.</source>
        <translation>Задано при запуске программы, здесь не изменить.</translation>
    </message>
    <message>
        <source>A supervisor or an admin changes this.</source>
        <translation>Это меняет старший смены или администратор.</translation>
    </message>
</context>
<context>
    <name>Settings</name>
    <message>
        <source>Language</source>
        <translation>Язык</translation>
    </message>
    <message>
        <source>Colours</source>
        <translation>Цвета</translation>
    </message>
    <message>
        <source>Sounds of the verdicts</source>
        <translation>Звуки на входе</translation>
    </message>
    <message>
        <source>Folder for PDFs</source>
        <translation>Папка для PDF</translation>
    </message>
    <message>
        <source>Paper of tickets</source>
        <translation>Бумага для билетов</translation>
    </message>
    <message>
        <source>Printer</source>
        <translation>Принтер</translation>
    </message>
    <message>
        <source>After a sale</source>
        <translation>После продажи</translation>
    </message>
    <message>
        <source>Gate this station stands at</source>
        <translation>Вход, у которого стоит станция</translation>
    </message>
    <message>
        <source>Lane</source>
        <translation>Проход</translation>
    </message>
    <message>
        <source>Events let in here</source>
        <translation>События, на которые здесь пускают</translation>
    </message>
    <message>
        <source>Genuine tickets not known here</source>
        <translation>Подлинный билет, неизвестный здесь</translation>
    </message>
    <message>
        <source>Tickets of a till not known here</source>
        <translation>Билеты кассы, неизвестной здесь</translation>
    </message>
    <message>
        <source>Let in before doors, minutes</source>
        <translation>Пускать до открытия дверей, минут</translation>
    </message>
    <message>
        <source>Let in after the start, minutes</source>
        <translation>Пускать после начала, минут</translation>
    </message>
    <message>
        <source>A verdict stays, seconds</source>
        <translation>Ответ на экране, секунд</translation>
    </message>
    <message>
        <source>Which camera</source>
        <translation>Какая камера</translation>
    </message>
    <message>
        <source>Serial port</source>
        <translation>Последовательный порт</translation>
    </message>
    <message>
        <source>Speed, baud</source>
        <translation>Скорость, бод</translation>
    </message>
    <message>
        <source>Silence that ends a code, ms</source>
        <translation>Тишина, которая завершает код, мс</translation>
    </message>
    <message>
        <source>Longest pause between two keys, ms</source>
        <translation>Самая долгая пауза между клавишами, мс</translation>
    </message>
    <message>
        <source>Serial port of the relay</source>
        <translation>Порт реле</translation>
    </message>
    <message>
        <source>Bytes that open</source>
        <translation>Байты открытия</translation>
    </message>
    <message>
        <source>Bytes that close</source>
        <translation>Байты закрытия</translation>
    </message>
    <message>
        <source>Stays open, ms</source>
        <translation>Открыт, мс</translation>
    </message>
    <message>
        <source>Of windows and messages.</source>
        <translation>Окон и сообщений.</translation>
    </message>
    <message>
        <source>Empty: the folder “prints” beside the station&apos;s data.</source>
        <translation>Пусто: папка «prints» рядом с данными станции.</translation>
    </message>
    <message>
        <source>Empty: the default printer of this computer.</source>
        <translation>Пусто: принтер по умолчанию этого компьютера.</translation>
    </message>
    <message>
        <source>Codes with commas between them. Empty: all events.</source>
        <translation>Коды через запятую. Пусто: все события.</translation>
    </message>
    <message>
        <source>Sold where this gate could not hear of it yet, for instance offline.</source>
        <translation>Продан там, откуда вход ещё не получил данных, например без связи.</translation>
    </message>
    <message>
        <source>Counted from the doors, or from the start if none are given.</source>
        <translation>Считая от открытия дверей, а если его нет, то от начала.</translation>
    </message>
    <message>
        <source>0: until the end of the performance.</source>
        <translation>0: до конца сеанса.</translation>
    </message>
    <message>
        <source>A number, a stream address, or a file for practice. Empty: no camera.</source>
        <translation>Номер, адрес потока или файл для тренировки. Пусто: без камеры.</translation>
    </message>
    <message>
        <source>Such as COM3 or /dev/ttyACM0. Empty: no serial scanner.</source>
        <translation>Например COM3 или /dev/ttyACM0. Пусто: без сканера на порту.</translation>
    </message>
    <message>
        <source>For scanners that send nothing after a code.</source>
        <translation>Для сканеров, которые ничего не шлют после кода.</translation>
    </message>
    <message>
        <source>Scanners type faster than people. Raise it for a slow scanner.</source>
        <translation>Сканер печатает быстрее человека. Для медленного сканера увеличьте.</translation>
    </message>
    <message>
        <source>“simulated” for practice. Empty: no turnstile.</source>
        <translation>«simulated» для тренировки. Пусто: без турникета.</translation>
    </message>
    <message>
        <source>Hexadecimal, from the manual of the relay.</source>
        <translation>Шестнадцатеричные, из описания реле.</translation>
    </message>
    <message>
        <source>As the system</source>
        <translation>Как в системе</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>Светлые</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>Тёмные</translation>
    </message>
    <message>
        <source>On</source>
        <translation>Включены</translation>
    </message>
    <message>
        <source>Off</source>
        <translation>Выключены</translation>
    </message>
    <message>
        <source>Save PDFs</source>
        <translation>Сохранить PDF</translation>
    </message>
    <message>
        <source>Show them</source>
        <translation>Показать</translation>
    </message>
    <message>
        <source>Print them</source>
        <translation>Печатать</translation>
    </message>
    <message>
        <source>Let in and flag</source>
        <translation>Пустить с пометкой</translation>
    </message>
    <message>
        <source>Refuse</source>
        <translation>Не пускать</translation>
    </message>
    <message>
        <source>Default</source>
        <translation>По умолчанию</translation>
    </message>
    <message>
        <source>Set here</source>
        <translation>Задано здесь</translation>
    </message>
    <message>
        <source>From the command line</source>
        <translation>Из командной строки</translation>
    </message>
    <message>
        <source>From the environment</source>
        <translation>Из окружения</translation>
    </message>
    <message>
        <source>From the .env file</source>
        <translation>Из файла .env</translation>
    </message>
</context>
<context>
    <name>SettingsPage</name>
    <message>
        <source>These settings hold for this station only. Devices have a page of their own.</source>
        <translation>Эти настройки действуют только на этой станции. Для устройств есть своя страница.</translation>
    </message>
    <message>
        <source>Look and sound</source>
        <translation>Вид и звук</translation>
    </message>
    <message>
        <source>Printing</source>
        <translation>Печать</translation>
    </message>
    <message>
        <source>Gate</source>
        <translation>Вход</translation>
    </message>
</context>
<context>
    <name>SetupPanel</name>
    <message>
        <source>All performances</source>
        <translation>Все сеансы</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>Готово</translation>
    </message>
    <message>
        <source>Gate</source>
        <translation>Вход</translation>
    </message>
    <message>
        <source>Lane</source>
        <translation>Проход</translation>
    </message>
    <message>
        <source>Only if the gate has several. Each station has one lane.</source>
        <translation>Если у входа их несколько. У каждой станции один проход.</translation>
    </message>
    <message>
        <source>Performance</source>
        <translation>Сеанс</translation>
    </message>
    <message>
        <source>Set when the program was started; cannot be changed here.</source>
        <translation>Задано при запуске программы, здесь не изменить.</translation>
    </message>
    <message>
        <source>Where this gate stands</source>
        <translation>Где стоит этот вход</translation>
    </message>
</context>
<context>
    <name>ShiftPage</name>
    <message>
        <source>Getting ready…</source>
        <translation>Готовимся…</translation>
    </message>
    <message>
        <source>No shift has been closed here yet</source>
        <translation>Здесь ещё не закрывали смену</translation>
    </message>
    <message>
        <source>Open one with the cash in the drawer. Its report appears here.</source>
        <translation>Откройте смену с деньгами в ящике. Здесь появится её отчёт.</translation>
    </message>
    <message>
        <source>1 payment has no end: {amount}</source>
        <translation>У 1 платежа нет исхода: {amount}</translation>
    </message>
    <message numerus="yes">
        <source>%n payments have no end: {amount}</source>
        <translation>
            <numerusform>У %n платежа нет исхода: {amount}</numerusform>
            <numerusform>У %n платежей нет исхода: {amount}</numerusform>
            <numerusform>У %n платежей нет исхода: {amount}</numerusform>
        </translation>
    </message>
    <message>
        <source>Nobody knows whether the money has moved. It is in no sum until somebody says so.</source>
        <translation>Неизвестно, списаны ли деньги. Пока это не выяснено, они не входят ни в одну сумму.</translation>
    </message>
    <message>
        <source>Clear up</source>
        <translation>Выяснить</translation>
    </message>
    <message>
        <source>Save the report to</source>
        <translation>Куда сохранить отчёт</translation>
    </message>
    <message>
        <source>The shift is being read.</source>
        <translation>Читаем смену.</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Повторить</translation>
    </message>
</context>
<context>
    <name>ShiftWords</name>
    <message>
        <source>The drawer is exactly right</source>
        <translation>Ящик сходится</translation>
    </message>
    <message>
        <source>{amount} is missing</source>
        <translation>Не хватает {amount}</translation>
    </message>
    <message>
        <source>{amount} too much</source>
        <translation>Лишние {amount}</translation>
    </message>
</context>
<context>
    <name>SideCard</name>
    <message>
        <source>Station</source>
        <translation>Станция</translation>
    </message>
    <message>
        <source>Operator</source>
        <translation>Кто</translation>
    </message>
    <message>
        <source>Time there</source>
        <translation>Время там</translation>
    </message>
    <message>
        <source>Hub time</source>
        <translation>По хабу</translation>
    </message>
    <message>
        <source>Receipt</source>
        <translation>Чек</translation>
    </message>
    <message>
        <source>Verdict</source>
        <translation>Ответ</translation>
    </message>
    <message>
        <source>Print</source>
        <translation>Печать №</translation>
    </message>
    <message>
        <source>Detail</source>
        <translation>Подробно</translation>
    </message>
    <message>
        <source>offline</source>
        <translation>без связи</translation>
    </message>
    <message>
        <source>live</source>
        <translation>на связи</translation>
    </message>
    <message>
        <source>on its own</source>
        <translation>сам по себе</translation>
    </message>
</context>
<context>
    <name>SidePanel</name>
    <message>
        <source>Close</source>
        <translation>Закрыть</translation>
    </message>
</context>
<context>
    <name>SignInForm</name>
    <message>
        <source>Login</source>
        <translation>Логин</translation>
    </message>
    <message>
        <source>One-time code</source>
        <translation>Одноразовый код</translation>
    </message>
    <message>
        <source>Password</source>
        <translation>Пароль</translation>
    </message>
    <message>
        <source>New password once more</source>
        <translation>Новый пароль ещё раз</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>Дальше</translation>
    </message>
    <message>
        <source>Enter</source>
        <translation>Enter</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>Назад</translation>
    </message>
    <message>
        <source>New password</source>
        <translation>Новый пароль</translation>
    </message>
    <message>
        <source>Sign in with a code</source>
        <translation>Вход по коду</translation>
    </message>
    <message>
        <source>Password of {name}</source>
        <translation>Пароль: {name}</translation>
    </message>
    <message>
        <source>Sign in with your password</source>
        <translation>Вход по паролю</translation>
    </message>
    <message>
        <source>From an invitation or a reset. You choose a password, then a PIN for this station.</source>
        <translation>Из приглашения или после сброса. Вы выберете пароль, затем PIN для этой станции.</translation>
    </message>
    <message>
        <source>For the first time at this station. You choose a PIN for it next.</source>
        <translation>Впервые на этой станции. Затем вы выберете для неё PIN.</translation>
    </message>
</context>
<context>
    <name>SignInScreen</name>
    <message>
        <source>Nobody can sign in here yet</source>
        <translation>Здесь пока некому войти</translation>
    </message>
    <message>
        <source>An admin invites people. The very first one of an organization is added here by “gatehouse user first”.</source>
        <translation>Людей приглашает администратор. Самого первого в организации добавляет команда «gatehouse user first».</translation>
    </message>
    <message>
        <source>Somebody else</source>
        <translation>Другой сотрудник</translation>
    </message>
    <message>
        <source>I have a code</source>
        <translation>У меня есть код</translation>
    </message>
    <message>
        <source>Practise</source>
        <translation>Тренироваться</translation>
    </message>
    <message>
        <source>Practice opens in a window of its own.</source>
        <translation>Тренировка открывается в отдельном окне.</translation>
    </message>
    <message>
        <source>Type your PIN</source>
        <translation>Введите PIN</translation>
    </message>
    <message>
        <source>Locked. Your PIN brings everything back.</source>
        <translation>Заблокировано. Ваш PIN вернёт всё как было.</translation>
    </message>
    <message>
        <source>Switch user</source>
        <translation>Сменить сотрудника</translation>
    </message>
    <message>
        <source>Choose a PIN for this station: 4 to 12 figures</source>
        <translation>Выберите PIN для этой станции: от 4 до 12 цифр</translation>
    </message>
    <message>
        <source>The same PIN once more</source>
        <translation>Тот же PIN ещё раз</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>Назад</translation>
    </message>
    <message>
        <source>Who is here?</source>
        <translation>Кто здесь?</translation>
    </message>
</context>
<context>
    <name>Stepper</name>
    <message>
        <source>One less</source>
        <translation>На один меньше</translation>
    </message>
    <message>
        <source>One more</source>
        <translation>На один больше</translation>
    </message>
</context>
<context>
    <name>Strip</name>
    <message>
        <source>As the system</source>
        <translation>Как в системе</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>Тёмная</translation>
    </message>
    <message>
        <source>Full screen	F11</source>
        <translation>Во весь экран	F11</translation>
    </message>
    <message>
        <source>Lock	Ctrl+L</source>
        <translation>Заблокировать	Ctrl+L</translation>
    </message>
    <message>
        <source>My account</source>
        <translation>Моя учётная запись</translation>
    </message>
    <message>
        <source>Help	Ctrl+H</source>
        <translation>Справка	Ctrl+H</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>Язык</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>Светлая</translation>
    </message>
    <message>
        <source>Sign out</source>
        <translation>Выйти</translation>
    </message>
    <message>
        <source>Switch user</source>
        <translation>Сменить сотрудника</translation>
    </message>
    <message>
        <source>Theme</source>
        <translation>Тема</translation>
    </message>
</context>
<context>
    <name>SyncBadge</name>
    <message numerus="yes">
        <source>%n conflicts</source>
        <translation>
            <numerusform>%n конфликт</numerusform>
            <numerusform>%n конфликта</numerusform>
            <numerusform>%n конфликтов</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n waiting</source>
        <translation>
            <numerusform>%n ждёт</numerusform>
            <numerusform>%n ждут</numerusform>
            <numerusform>%n ждут</numerusform>
        </translation>
    </message>
    <message>
        <source>1 conflict</source>
        <translation>1 конфликт</translation>
    </message>
    <message>
        <source>Hub is being upgraded</source>
        <translation>Хаб обновляется</translation>
    </message>
    <message>
        <source>Fetching all: {share} %</source>
        <translation>Загрузка: {share} %</translation>
    </message>
    <message>
        <source>Live</source>
        <translation>На связи</translation>
    </message>
    <message>
        <source>Offline</source>
        <translation>Нет связи</translation>
    </message>
    <message>
        <source>Offline since {time}</source>
        <translation>Нет связи с {time}</translation>
    </message>
    <message>
        <source>On its own</source>
        <translation>Сама по себе</translation>
    </message>
</context>
<context>
    <name>SyncPage</name>
    <message>
        <source>Sync now</source>
        <translation>Обменяться сейчас</translation>
    </message>
    <message>
        <source>Waiting</source>
        <translation>Ждут</translation>
    </message>
    <message>
        <source>written here, not at the hub yet</source>
        <translation>записано здесь, на хабе ещё нет</translation>
    </message>
    <message>
        <source>Held</source>
        <translation>Отложены</translation>
    </message>
    <message>
        <source>kept, not read yet</source>
        <translation>хранится, ещё не прочитано</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>Показать</translation>
    </message>
    <message>
        <source>To the desk</source>
        <translation>К разбору</translation>
    </message>
    <message>
        <source>Conflicts</source>
        <translation>Конфликты</translation>
    </message>
    <message>
        <source>a person has to decide</source>
        <translation>решает человек</translation>
    </message>
    <message>
        <source>Entries on a stick</source>
        <translation>Записи на флешке</translation>
    </message>
    <message>
        <source>When the hub is out of reach for long, another station can carry what waits here to it.</source>
        <translation>Если хаб долго недоступен, другая станция может донести до него то, что ждёт здесь.</translation>
    </message>
    <message>
        <source>Export waiting entries…</source>
        <translation>Выгрузить записи…</translation>
    </message>
    <message>
        <source>Import entries…</source>
        <translation>Загрузить записи…</translation>
    </message>
    <message>
        <source>This station</source>
        <translation>Эта станция</translation>
    </message>
    <message>
        <source>Journal</source>
        <translation>Журнал</translation>
    </message>
    <message>
        <source>Kind of entry</source>
        <translation>Вид записи</translation>
    </message>
    <message>
        <source>All kinds</source>
        <translation>Все виды</translation>
    </message>
    <message>
        <source>Last contact</source>
        <translation>Последняя связь</translation>
    </message>
    <message>
        <source>Clock against the hub</source>
        <translation>Часы относительно хаба</translation>
    </message>
    <message>
        <source>Documents waiting</source>
        <translation>Документы ждут отправки</translation>
    </message>
    <message>
        <source>Incarnation of the hub</source>
        <translation>Воплощение хаба</translation>
    </message>
    <message>
        <source>Schema of the hub</source>
        <translation>Схема хаба</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Название</translation>
    </message>
    <message>
        <source>Venue</source>
        <translation>Площадка</translation>
    </message>
    <message>
        <source>Receipt prefix</source>
        <translation>Префикс чеков</translation>
    </message>
    <message>
        <source>Epoch</source>
        <translation>Эпоха</translation>
    </message>
    <message>
        <source>Station number</source>
        <translation>Номер станции</translation>
    </message>
    <message>
        <source>Time zone</source>
        <translation>Часовой пояс</translation>
    </message>
    <message>
        <source>Mode</source>
        <translation>Режим</translation>
    </message>
    <message>
        <source>Practice</source>
        <translation>Тренировка</translation>
    </message>
    <message>
        <source>Real sales</source>
        <translation>Настоящие продажи</translation>
    </message>
    <message>
        <source>Data folder</source>
        <translation>Папка данных</translation>
    </message>
    <message numerus="yes">
        <source>%n entries are in the file</source>
        <translation>
            <numerusform>В файле %n запись</numerusform>
            <numerusform>В файле %n записи</numerusform>
            <numerusform>В файле %n записей</numerusform>
        </translation>
    </message>
    <message>
        <source>{file}: take it to another station and import it there.</source>
        <translation>{file}: отнесите его на другую станцию и загрузите там.</translation>
    </message>
    <message numerus="yes">
        <source>%n entries taken in</source>
        <translation>
            <numerusform>Загружена %n запись</numerusform>
            <numerusform>Загружено %n записи</numerusform>
            <numerusform>Загружено %n записей</numerusform>
        </translation>
    </message>
    <message>
        <source>From {station}: {fresh} new here. They go to the hub when it is next reached.</source>
        <translation>Станция {station}: новых здесь — {fresh}. Они уйдут на хаб, как только он ответит.</translation>
    </message>
    <message numerus="yes">
        <source>%n could not be believed and were set aside.</source>
        <translation>
            <numerusform>%n запись не прошла проверку и отложена.</numerusform>
            <numerusform>%n записи не прошли проверку и отложены.</numerusform>
            <numerusform>%n записей не прошли проверку и отложены.</numerusform>
        </translation>
    </message>
    <message>
        <source>This station works by itself. It joins a hub with an enrolment file.</source>
        <translation>Станция работает сама по себе. К хабу она присоединяется файлом приглашения.</translation>
    </message>
    <message>
        <source>Alone</source>
        <translation>Одна</translation>
    </message>
    <message>
        <source>No hub</source>
        <translation>Хаба нет</translation>
    </message>
    <message>
        <source>What is sold and scanned here is at the hub within seconds.</source>
        <translation>Продажи и проходы попадают на хаб за секунды.</translation>
    </message>
    <message>
        <source>Live</source>
        <translation>На связи</translation>
    </message>
    <message>
        <source>Connected to the hub</source>
        <translation>Связь с хабом есть</translation>
    </message>
    <message>
        <source>Selling and scanning go on meanwhile.</source>
        <translation>Продажи и проход идут как обычно.</translation>
    </message>
    <message>
        <source>Connecting</source>
        <translation>Подключение</translation>
    </message>
    <message>
        <source>Looking for the hub</source>
        <translation>Поиск хаба</translation>
    </message>
    <message>
        <source>The hub refuses this station</source>
        <translation>Хаб не принимает эту станцию</translation>
    </message>
    <message>
        <source>Refused</source>
        <translation>Отказ</translation>
    </message>
    <message>
        <source>Offline since {when}</source>
        <translation>Без связи с {when}</translation>
    </message>
    <message>
        <source>Offline</source>
        <translation>Без связи</translation>
    </message>
    <message>
        <source>Selling and scanning go on. Everything is sent when the hub is back.</source>
        <translation>Продажи и проход продолжаются. Всё уйдёт на хаб, когда он вернётся.</translation>
    </message>
    <message>
        <source>right, to {ms} ms</source>
        <translation>идут верно, до {ms} мс</translation>
    </message>
    <message>
        <source>{s} s behind: set the clock of this computer</source>
        <translation>отстают на {s} с: поправьте часы компьютера</translation>
    </message>
    <message>
        <source>{s} s ahead: set the clock of this computer</source>
        <translation>спешат на {s} с: поправьте часы компьютера</translation>
    </message>
    <message>
        <source>Everything the hub has is being fetched at once: {share} %.</source>
        <translation>Загружается сразу всё, что есть на хабе: {share} %.</translation>
    </message>
    <message>
        <source>waiting-entries.json</source>
        <translation>waiting-entries.json</translation>
    </message>
    <message>
        <source>Export waiting entries</source>
        <translation>Выгрузить ожидающие записи</translation>
    </message>
    <message>
        <source>Import entries of another station</source>
        <translation>Загрузить записи другой станции</translation>
    </message>
</context>
<context>
    <name>Tenders</name>
    <message>
        <source>Bank transfer</source>
        <translation>Перевод</translation>
    </message>
    <message>
        <source>Card</source>
        <translation>Карта</translation>
    </message>
    <message>
        <source>Cash</source>
        <translation>Наличные</translation>
    </message>
    <message>
        <source>Complimentary</source>
        <translation>Бесплатно</translation>
    </message>
    <message>
        <source>Other</source>
        <translation>Другое</translation>
    </message>
    <message>
        <source>Voucher</source>
        <translation>Сертификат</translation>
    </message>
</context>
<context>
    <name>TroubleWindow</name>
    <message>
        <source>Close</source>
        <translation>Закрыть</translation>
    </message>
</context>
<context>
    <name>UndoReasons</name>
    <message>
        <source>Scanned by mistake</source>
        <translation>Отсканирован по ошибке</translation>
    </message>
    <message>
        <source>The guest did not walk through</source>
        <translation>Гость не прошёл</translation>
    </message>
    <message>
        <source>The wrong ticket of a group</source>
        <translation>Не тот билет из группы</translation>
    </message>
</context>
<context>
    <name>UndoRow</name>
    <message>
        <source>Undo</source>
        <translation>Вернуть</translation>
    </message>
    <message>
        <source>Removed from the cart</source>
        <translation>Убрано из корзины</translation>
    </message>
</context>
<context>
    <name>UserButton</name>
    <message>
        <source>There is news in your account</source>
        <translation>В вашей учётной записи есть новости</translation>
    </message>
</context>
</TS>
