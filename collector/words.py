"""Words that put a sentence into a special category (GDPR Art. 9) or make it about tax. German and English."""

import re


def _any(*stems: str) -> re.Pattern[str]:
    return re.compile(r"(?i)(?<!\w)(?:" + "|".join(stems) + ")")


PATTERNS: dict[str, re.Pattern[str]] = {
    "health": _any(
        r"abortion",
        r"abtreibung",
        r"antidepress\w+",
        r"arbeitsunf[äa]hig\w*",
        r"asthma\b",
        r"bandscheibe\w*",
        r"behindert\w*",
        r"blood pressure",
        r"blutdruck",
        r"burn-?out\b",
        r"cancer\b",
        r"chemo ?therap\w+",
        r"depressi(?:on|v)\w*",
        r"diabet\w+",
        r"diagnos(?:e|ed|is)\b",
        r"epilep\w+",
        r"fehlgeburt\w*",
        r"fr[üu]hgeburt\w*",
        r"gyn[äa]?e?kolog\w+",
        r"hiv\b",
        r"hospitali[sz]ed\b",
        r"insulin\b",
        r"krankenhaus\w*",
        r"krank(?:geschrieben|meldung|schreibung)\w*",
        r"krebs(?:diagnose|erkrankung|therapie|\b)",
        r"miscarriage\w*",
        r"migr[äa]ne\b",
        r"migraine\w*",
        r"my doctor",
        r"mein(?:e|er)? [äa]rzt(?:in)?\b",
        r"mutterschutz\w*",
        r"oncolog\w+",
        r"onkolog\w+",
        r"pregnan\w+",
        r"psych(?:iater|iatr|other|ologe|ologin)\w*",
        r"reha(?:klinik)?\b",
        r"schwanger\w*",
        r"schwerbehind\w+",
        r"sick (?:leave|note)\b",
        r"suizid\w*",
        r"suicid\w+",
        r"therap(?:eut|ie|ist|y)\w*",
        r"tumou?r\w*",
    ),
    "union": _any(
        r"betriebsrat(?:swahl|ssitzung)\w*",
        r"collective bargaining",
        r"gewerkschaft\w*",
        r"ig metall\b",
        r"join the union",
        r"labou?r union\w*",
        r"streik(?:aufruf|recht|\b)",
        r"strike ballot",
        r"tarifverhandlung\w*",
        r"trade union\w*",
        r"union (?:member|rep|dues|meeting)\w*",
        r"ver\.di\b",
        r"warnstreik\w*",
    ),
    "tax": _any(
        r"finanzamt\w*",
        r"lohnsteuer\w*",
        r"income tax",
        r"steuer(?:bescheid|erkl[äa]rung|klasse|nummer|-?id)\w*",
        r"tax (?:bracket|return|id)\w*",
    ),
}

TAX_LABELS = ("steuer", "st.-nr", "stnr", "tax", "utr", "finanzamt")
