"""What people at the demo's company type, read and ask: invented office work in English and German.

`{…}` stands for one of WORDS. A few lines hold what the collector must find and redact: bank accounts, tax numbers,
passwords, health, union. All numbers are published examples.
"""

from typing import Final

from wire.documents import Kind

VARIANTS: Final = {Kind.KEY: 24, Kind.WINDOW: 16, Kind.PROMPT: 16, Kind.POINTER: 40, Kind.CLICK: 30, Kind.SCREENSHOT: 4}
"""How many contents are prepared for each kind, context and language."""

Lines = dict[str, tuple[str, ...]]

WORDS: Final[dict[bool, dict[str, tuple[str, ...]]]] = {
    False: {
        "who": ("Niamh", "Jonas", "Ciara", "Priya", "Lukas", "Elif", "Conor", "Marek"),
        "firm": ("Harbour Foods", "Lindqvist Rail", "Oakline", "Brunner Optics", "North Quay", "Silva Textiles"),
        "thing": ("the price list", "the rollout plan", "the May report", "the offer", "the release notes"),
        "day": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday"),
        "n": ("3", "7", "12", "18", "25", "40"),
        "ticket": ("DAY-418", "DAY-533", "DAY-602", "OPS-77", "OPS-91", "WEB-210"),
    },
    True: {
        "who": ("Katrin", "Moritz", "Ursina", "Deniz", "Sabine", "Tobias", "Leonie", "Beat"),
        "firm": ("Hafenkost", "Lindqvist Bahn", "Eichenlinie", "Brunner Optik", "Nordkai", "Silva Textil"),
        "thing": ("die Preisliste", "den Zeitplan", "den Maibericht", "das Angebot", "die Versionshinweise"),
        "day": ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag"),
        "n": ("3", "7", "12", "18", "25", "40"),
        "ticket": ("DAY-418", "DAY-533", "DAY-602", "OPS-77", "OPS-91", "WEB-210"),
    },
}

CODE: Final = (
    "def total(rows: list[Row]) -> int:\n    return sum(row.amount for row in rows)\n",
    "if not order.lines:\n    raise EmptyOrderError(order.id)\n",
    "# The cache is keyed by customer, so {firm} and {firm} never share a row.\n",
    'log.info("invoice.sent", invoice=invoice.id, lines=len(invoice.lines))\n',
    "assert parse('{n} kg') == Weight({n})\n",
    "for page in pages(limit={n}):\n    yield from page.items\n",
    "return render_template('orders/list.html', orders=orders, total={n})\n",
    "class Shipment:\n    weight: int\n    due: date\n",
    "retries = {n}  # {ticket}: the carrier answers late on {day}\n",
    "SELECT customer, count(*) FROM orders GROUP BY customer HAVING count(*) > {n};\n",
    "password = 'correct-horse-{n}-battery'\n",
)
SHELL: Final = (
    "git switch -c {ticket}-limits\n",
    "git commit -m 'Read the limit from the settings ({ticket})'\n",
    "pytest tests/orders -k limit\n",
    "git log --oneline -{n}\n",
    "kubectl get pods -n orders | head -{n}\n",
    "ssh build-{n}\ntail -f /var/log/orders.log\n",
    "rg 'TotalWeight' src | wc -l\n",
    "docker compose up --build orders\n",
    "export API_KEY=ghp_0123456789abcdefghijklmnopqrstuvwxyz\n",
)

TYPED: Final[dict[bool, Lines]] = {
    False: {
        "vscode": CODE,
        "terminal": SHELL,
        "outlook": (
            "Hi {who},\n\nthank you for {thing}. I will read it after lunch and come back to you on {day}.\n",
            "Dear team,\n\nthe delivery to {firm} is confirmed for {day}. Please book {n} pallets.\n",
            "Hello {who},\n\ncould you look at page {n} again? The totals do not add up.\n",
            "Let us move our meeting with {firm} to {day} at ten.\n",
            "Thanks for the quick answer! I have updated {thing} and sent it to {firm}.\n",
            "Good morning,\n\n{firm} asked for {n} more seats. Can we offer the same price?\n",
            "Please pay to IE29 AIBK 9311 5212 3456 78, reference {ticket}.\n",
            "I am on sick leave until {day}, the doctor says. {who} covers for me.\n",
            "Could you send my tax return papers to the address on file? Thank you.\n",
        ),
        "teams": (
            "Morning! Anybody else waiting for the build?\n",
            "{who}, can you take {ticket}? I am in a call until {n} past.\n",
            "Lunch at half past twelve?\n",
            "The customer is happy, we can close it.\n",
            "I put {thing} into the channel, comments until {day} please.\n",
            "Will be {n} minutes late, train again.\n",
            "Great work on the {firm} demo!\n",
            "Are you going to the union meeting on {day}?\n",
            "Call me on +353 1 496 0123 when you are free.\n",
        ),
        "browser-wiki": (
            "Checklist for new colleagues, version {n}\n",
            "How we answer complaints within {n} hours\n",
            "Decision: orders above {n} items need a second pair of eyes. Owner: {who}.\n",
            "Glossary: a shipment is what leaves the house on one truck.\n",
            "Minutes of {day}: {who} prepares {thing}, {who} talks to {firm}.\n",
        ),
        "jira": (
            "Steps: 1. open an order with {n} lines, 2. remove the last line, 3. save. The total stays.\n",
            "Cannot reproduce on the test system. {who}, which browser did {firm} use?\n",
            "Estimate: {n} hours. Blocked by {ticket}.\n",
            "As a clerk I want to filter by carrier so that I find late shipments.\n",
            "Fixed, please test again on {day}.\n",
        ),
        "sheets": (
            "{firm}\t{n}\t{n}\n",
            "=SUM(B2:B{n})\n",
            "Budget travel, third quarter\n",
            "{firm}\tpaid\t{day}\n",
            "Headcount per site, without interns\n",
        ),
        "chat": ("Summarise {thing} for {firm} in {n} lines.\n", "Make this mail friendlier, but keep it short.\n"),
    },
    True: {
        "vscode": CODE,
        "terminal": SHELL,
        "outlook": (
            "Hallo {who},\n\ndanke für {thing}. Ich lese nach dem Mittag und melde mich am {day}.\n",
            "Liebes Team,\n\ndie Lieferung an {firm} ist für {day} bestätigt. Bitte {n} Paletten buchen.\n",
            "Hallo {who},\n\nschaust du bitte noch einmal auf Seite {n}? Die Summen stimmen nicht.\n",
            "Wir verschieben das Treffen mit {firm} auf {day} um zehn.\n",
            "Danke für die schnelle Antwort! Ich habe {thing} angepasst und an {firm} geschickt.\n",
            "Guten Morgen,\n\n{firm} möchte {n} Plätze mehr. Gilt derselbe Preis?\n",
            "Sehr geehrte Damen und Herren,\n\nanbei die Unterlagen zu {ticket}.\n",
            "Bitte überweisen Sie auf DE89 3704 0044 0532 0130 00, Betreff {ticket}.\n",
            "Ich bin bis {day} krankgeschrieben, {who} vertritt mich.\n",
            "Meine Steuer-ID ist 36 574 261 809, die Lohnsteuerbescheinigung fehlt noch.\n",
        ),
        "teams": (
            "Moin! Wartet noch jemand auf den Build?\n",
            "{who}, nimmst du {ticket}? Ich bin bis {n} nach im Gespräch.\n",
            "Mittag um halb eins?\n",
            "Der Kunde ist zufrieden, wir können schließen.\n",
            "Ich habe {thing} in den Kanal gestellt, Anmerkungen bitte bis {day}.\n",
            "Komme {n} Minuten später, die Bahn.\n",
            "Starke Vorführung bei {firm}!\n",
            "Gehst du am {day} zur Gewerkschaft?\n",
            "Ruf mich an: 030 23125 {n}41\n",
        ),
        "browser-wiki": (
            "Checkliste für neue Kolleginnen und Kollegen, Fassung {n}\n",
            "So beantworten wir Beschwerden binnen {n} Stunden\n",
            "Beschluss: Aufträge über {n} Stück prüfen zwei Personen. Zuständig: {who}.\n",
            "Glossar: Eine Sendung ist, was mit einem Lastwagen das Haus verlässt.\n",
            "Protokoll vom {day}: {who} bereitet {thing} vor, {who} spricht mit {firm}.\n",
        ),
        "jira": (
            "Schritte: 1. Auftrag mit {n} Zeilen öffnen, 2. letzte Zeile löschen, 3. speichern. Die Summe bleibt.\n",
            "Auf dem Testsystem nicht nachstellbar. {who}, welchen Browser nutzt {firm}?\n",
            "Schätzung: {n} Stunden. Wartet auf {ticket}.\n",
            "Als Sachbearbeiterin möchte ich nach Spedition filtern, um späte Sendungen zu finden.\n",
            "Behoben, bitte am {day} noch einmal prüfen.\n",
        ),
        "sheets": (
            "{firm}\t{n}\t{n}\n",
            "=SUMME(B2:B{n})\n",
            "Reisekosten drittes Quartal\n",
            "{firm}\tbezahlt\t{day}\n",
            "Köpfe je Standort, ohne Praktika\n",
        ),
        "chat": (
            "Fasse {thing} für {firm} in {n} Zeilen zusammen.\n",
            "Formuliere die Mail freundlicher, aber kurz.\n",
        ),
    },
}
"""German? → context → what is typed there."""

TITLES: Final[Lines] = {
    "vscode": ("orders.py - shop", "limits_test.py - shop", "README.md - shop", "{ticket}.diff - shop"),
    "terminal": ("build-{n}: ~/shop", "pytest", "git log", "psql orders"),
    "outlook": ("Inbox", "RE: {firm}: {thing}", "Kalender - {day}", "Sent Items", "Angebot {firm}"),
    "teams": ("{who} | Chat", "Orders team | Meeting", "General", "{firm} | Besprechung"),
    "browser-wiki": ("Onboarding - Wiki", "Reklamationen - Wiki", "Minutes {day} - Wiki", "{firm} - Wiki"),
    "jira": ("{ticket} - Issues", "Board Orders - Issues", "Backlog - Issues"),
    "sheets": ("Budget.ods", "{firm} offers.ods", "Reisekosten.ods", "Headcount.ods"),
    "chat": ("New conversation - Assistant", "{thing} - Assistant"),
}

ASKED: Final[dict[bool, tuple[tuple[str, str], ...]]] = {
    False: (
        ("How do I merge two dictionaries in Python?", "Use the | operator: merged = first | second."),
        ("Make this shorter: We would like to kindly ask you to confirm.", "Please confirm."),
        ("What does HAVING do in SQL?", "It filters groups, as WHERE filters rows, after GROUP BY."),
        ("Write a polite reminder to {firm} for an unpaid invoice.", "Dear team of {firm}, our invoice is still open."),
        (
            "Summarise the minutes of {day} in {n} points.",
            "1. The offer goes out. 2. {who} calls {firm}. 3. Next week.",
        ),
        ("Give me a regular expression for ticket numbers like {ticket}.", "[A-Z]{{3}}-[0-9]+ matches those."),
        ("Is this sentence correct: He don't know?", "No: He doesn't know."),
        ("How do I tell my manager that I need therapy hours on {day}?", "Say that you have a regular appointment."),
        ("Which costs count as travel costs?", "Train, flight, hotel, and the allowance for meals."),
        ("Draft an agenda for {firm}, {n} minutes.", "Welcome, state of {thing}, open points, next steps."),
    ),
    True: (
        ("Wie lese ich in Python eine CSV-Datei?", "Mit csv.DictReader: jede Zeile wird ein Wörterbuch."),
        ("Kürze: Wir möchten Sie höflich bitten, uns zu bestätigen.", "Bitte bestätigen Sie."),
        ("Was ist der Unterschied zwischen netto und brutto?", "Brutto enthält die Steuer, netto nicht."),
        ("Schreibe {firm} eine freundliche Erinnerung.", "Sehr geehrte Damen und Herren, unsere Rechnung ist offen."),
        ("Fasse das Protokoll vom {day} zusammen.", "1. Das Angebot geht raus. 2. {who} ruft an. 3. Nächste Woche."),
        ("Erkläre einen Index in einer Datenbank.", "Er findet Zeilen, ohne die ganze Tabelle zu lesen."),
        ("Wie sage ich wegen meiner Schwangerschaft den Termin am {day} ab?", "Bitte um einen anderen Termin."),
        ("Welche Formel zählt nur bezahlte Zeilen?", '=ZÄHLENWENN(C2:C{n};"bezahlt")'),
        ("Übersetze: delivery note", "Lieferschein."),
        ("Entwirf eine Tagesordnung für {firm}.", "Begrüßung, Stand, offene Punkte, nächste Schritte."),
    ),
}
