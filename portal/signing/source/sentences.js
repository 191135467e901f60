// A line's sentence from the table shared with the portal (wire/sentences.py): no locale, the same on every machine.
"use strict";

function sentence({ code, parameters }, language) {
  const places = /\{([a-z]+)(?::([a-z]+))?\}/g;
  return TABLE.sentences[code][language].replace(places, (_, name, form) => FORMS[form || "text"](parameters[name], language));
}

function units(unit) {
  return (value, language) => `${value} ${TABLE.words.unit[unit][value === 1 ? "one" : "many"][language]}`;
}

function list(words) {
  return (values, language) => {
    const known = words === null ? {} : TABLE.words[words];
    const shown = values.map((one) => (Object.hasOwn(known, String(one)) ? known[one][language] : String(one)));
    return shown.join(", ") || TABLE.words.none[language];
  };
}

function moment(value) {
  if (value < 0 || value >= 253402300800000) return `${value} ms`;
  const text = new Date(Math.floor(value / 1000) * 1000).toISOString();
  return `${text.slice(0, 10)} ${text.slice(11, 16)} UTC`;
}

function two(value) {
  return String(value).padStart(2, "0");
}

const FORMS = {
  text: (value) => String(value),
  list: list(null),
  weekdays: list("weekday"),
  redactions: list("redaction"),
  kind: (value, language) => TABLE.words.kind[value][language],
  clock: (value) => `${two(Math.floor(value / 60))}:${two(value % 60)}`,
  moment,
  days: units("days"),
  hours: units("hours"),
  minutes: units("minutes"),
  seconds: (value, language) =>
    value > 0 && value % 60 === 0 ? units("minutes")(value / 60, language) : units("seconds")(value, language),
};
