from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import create_engine

from portal.core.config import ConfigError, Settings
from portal.core.documented import documented
from portal.core.logins import LOGINS

OPERATIONS = Path(__file__).parents[2] / "docs" / "operations.md"
DATABASE = {"PORTAL_DATABASE_URL": "postgresql:///daylight?host=/run/x&port=5433"}


def test_every_setting_is_listed_in_the_operations_manual() -> None:
    """To mend it, paste the rows of `python -m portal settings --markdown` into the manual."""
    manual = OPERATIONS.read_text(encoding="utf-8")
    missing = [line.variable for line in documented() if f"| `{line.variable}` | {line.about} |" not in manual]
    assert missing == []


def test_every_login_has_a_documented_password() -> None:
    names = {line.variable for line in documented()}
    assert {f"PORTAL_DB_PASSWORD_{login.upper()}" for login in LOGINS} <= names


def test_an_empty_environment_gives_defaults_and_no_secret() -> None:
    settings = Settings.from_env({})
    assert settings.upload_max_age == 86400
    assert settings.role_groups["hr"] == ("HR team",)
    assert settings.secret_key is None
    assert settings.demo is False


def test_a_setting_that_is_gone_is_not_passed_over() -> None:
    with pytest.raises(ConfigError, match="PORTAL_COUNCIL_QUORUM is no setting any more"):
        Settings.from_env({"PORTAL_COUNCIL_QUORUM": "2"})


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        Settings.from_env({}).demo = True  # type: ignore[misc]


def test_a_missing_setting_is_named_when_it_is_needed() -> None:
    settings = Settings.from_env({})
    with pytest.raises(ConfigError, match="PORTAL_LEASE_KEY is missing"):
        settings.require("lease_key")
    with pytest.raises(ConfigError, match="PORTAL_ACTOR_KEY is missing"):
        settings.actor_key_bytes()


def test_a_password_of_another_process_is_not_there() -> None:
    settings = Settings.from_env(DATABASE | {"PORTAL_DB_PASSWORD_GATEWAY": "one"})
    assert conninfo_to_dict(settings.conninfo("gateway"))["password"] == "one"
    with pytest.raises(ConfigError, match="PORTAL_DB_PASSWORD_VAULT is missing"):
        settings.conninfo("vault")


def test_both_forms_of_the_database_address_name_the_same_server() -> None:
    password = "p@ss /?&'"
    settings = Settings.from_env(DATABASE | {"PORTAL_DB_PASSWORD_WORKER": password})
    expected = {"dbname": "daylight", "host": "/run/x", "port": "5433", "user": "worker", "password": password}
    assert conninfo_to_dict(settings.conninfo("worker")) == expected
    engine = create_engine(settings.sqlalchemy_url("worker"))
    _, arguments = engine.dialect.create_connect_args(engine.url)
    assert {key: str(value) for key, value in arguments.items() if key in expected} == expected


def test_a_secret_can_come_from_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("from the file\n", encoding="utf-8")
    assert Settings.from_env({"PORTAL_SECRET_KEY_FILE": str(secret)}).secret_key == "from the file"


def test_a_secret_from_two_places_is_refused(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("one", encoding="utf-8")
    with pytest.raises(ConfigError, match="PORTAL_SECRET_KEY and PORTAL_SECRET_KEY_FILE are both set"):
        Settings.from_env({"PORTAL_SECRET_KEY": "two", "PORTAL_SECRET_KEY_FILE": str(secret)})


def test_a_missing_or_empty_secret_file_is_refused(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.touch()
    for path in (empty, tmp_path / "absent"):
        with pytest.raises(ConfigError, match="PORTAL_VAULT_KEY_FILE"):
            Settings.from_env({"PORTAL_VAULT_KEY_FILE": str(path)})


def test_secrets_stay_out_of_the_text_form() -> None:
    environ = {line.variable: "ab" * 32 for line in documented() if line.secret}
    environ["PORTAL_SMTP_URL"] = f"smtps://daylight:{'ab' * 32}@mail.example"
    assert "abab" not in repr(Settings.from_env(environ))


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PORTAL_ACTOR_KEY", "00"),
        ("PORTAL_ACTOR_KEY", "not hexadecimal"),
        ("PORTAL_BASE_URL", "portal.example"),
        ("PORTAL_DATABASE_URL", "mysql://localhost/daylight"),
        ("PORTAL_DATABASE_URL", "postgresql://me:secret@localhost/daylight"),
        ("PORTAL_DATABASE_URL", "postgresql://localhost/daylight?user=me"),
        ("PORTAL_DATABASE_URL", "postgresql://localhost"),
        ("PORTAL_DEMO", "yes"),
        ("PORTAL_GATEWAY_BIND", "8010"),
        ("PORTAL_GATEWAY_BIND", "localhost:99999"),
        ("PORTAL_KMS", "somewhere"),
        ("PORTAL_LOG_LEVEL", "loud"),
        ("PORTAL_GRADE_GROUPS", "executive"),
        ("PORTAL_GRADE_GROUPS", "executive=One,manager=One"),
        ("PORTAL_GRADE_GROUPS", "Executive=One"),
        ("PORTAL_GRADE_GROUPS", "staff=One"),
        ("PORTAL_GRADE_GROUPS", "executive=One,executive=Two"),
        ("PORTAL_GRADE_GROUPS", "executive=cn=chiefs,ou=groups,dc=example"),
        ("PORTAL_GRADE_GROUPS", '{"Executive": "One"}'),
        ("PORTAL_ROLE_GROUPS", "hr=cn=hr,ou=groups,dc=example"),
        ("PORTAL_ROLE_GROUPS", '{"hr": ["cn=hr,ou=groups"'),
        ("PORTAL_ROLE_GROUPS", '{"boss": "Boss"}'),
        ("PORTAL_ROLE_GROUPS", '{"hr": []}'),
        ("PORTAL_ROLE_GROUPS", '{"hr": [" "]}'),
        ("PORTAL_ROLE_GROUPS", '{"hr": 7}'),
        ("PORTAL_ROLE_GROUPS", '{"hr": {"a": "b"}}'),
        ("PORTAL_ROLE_GROUPS", '{"hr": ["One", "One"]}'),
        ("PORTAL_ROLE_GROUPS", '{"hr": ["One"], "works_council": ["Two", "One"]}'),
        ("PORTAL_ROLE_GROUPS", '{"hr": "One", "hr": "Two"}'),
        ("PORTAL_ROLE_GROUPS", "boss=Boss"),
        ("PORTAL_ROLE_GROUPS", "hr=One,works_council=One"),
        ("PORTAL_ROLE_GROUPS", "hr=One,hr=Two"),
        ("PORTAL_ROLE_GROUPS", "works_council@=One"),
        ("PORTAL_ROLE_GROUPS", "hr@Munich=One"),
        ("PORTAL_ROLE_GROUPS", "works_council=One,works_council@Munich=One"),
        ("PORTAL_UPLOAD_MAX_AGE", "-1"),
        ("PORTAL_UPLOAD_MAX_AGE", "a day"),
        ("PORTAL_VAULT_URL", "http://vault.example:80"),
    ],
)
def test_a_wrong_value_is_refused_and_named(variable: str, value: str) -> None:
    with pytest.raises(ConfigError, match=variable) as refusal:
        Settings.from_env({variable: value})
    assert "secret@" not in str(refusal.value)


def test_S06_a_role_may_have_several_groups_and_a_group_commas() -> None:
    told = '{"hr": ["cn=hr,ou=groups,dc=example", "people-ops"], "works_council": "Council"}'
    groups = Settings.from_env({"PORTAL_ROLE_GROUPS": told}).role_groups
    assert groups == {"hr": ("cn=hr,ou=groups,dc=example", "people-ops"), "works_council": ("Council",)}
    told = "works_council=Council,works_council@Munich=Munich council"
    groups = Settings.from_env({"PORTAL_ROLE_GROUPS": told}).role_groups
    assert groups == {"works_council": ("Council",), "works_council@Munich": ("Munich council",)}
    groups = Settings.from_env({"PORTAL_ROLE_GROUPS": "works_council@Mu\u0308nchen=BR"}).role_groups
    assert groups == {"works_council@München": ("BR",)}, "as policies and trust documents write it"
    grades = Settings.from_env({"PORTAL_GRADE_GROUPS": '{"chief": ["a,b"], "lead": "c"}'}).grade_groups
    assert list((grades or {}).items()) == [("chief", ("a,b",)), ("lead", ("c",))]


@pytest.mark.parametrize("value", ["hr=cn=hr,ou=groups,dc=example", '{"hr": [}', "hr=One,hr=Two"])
def test_S06_groups_that_cannot_be_read_are_refused_with_how_to_write_them(value: str) -> None:
    with pytest.raises(ConfigError, match="as JSON, where a name has commas or there are several"):
        Settings.from_env({"PORTAL_ROLE_GROUPS": value})


@pytest.mark.parametrize(
    ("url", "refused"),
    [
        ("postgresql://db.example/daylight", True),
        ("postgresql://db.example/daylight?sslmode=require", True),
        ("postgresql://db.example/daylight?sslmode=verify-ca", True),
        ("postgresql://db.example/daylight?sslmode=verify-full", False),
        ("postgresql:///daylight?host=db.example", True),
        ("postgresql:///daylight?host=/run/postgresql", False),
        ("postgresql:///daylight?host=/run/postgresql&hostaddr=10.0.0.7", True),
        ("postgresql://localhost,db.example/daylight", True),
        ("postgresql://localhost:5432/daylight?sslmode=disable", False),
        ("postgresql://127.0.0.1/daylight", False),
        ("postgresql://[::1]/daylight", False),
        ("postgresql://localhost.example/daylight", True),
    ],
)
def test_D05_a_database_elsewhere_must_prove_who_it_is(url: str, refused: bool) -> None:  # noqa: FBT001
    told = {"PORTAL_DATABASE_URL": url, "PORTAL_DB_PASSWORD_GATEWAY": "x"}
    settings = Settings.from_env(told)
    for ask in (settings.sqlalchemy_url, settings.conninfo):
        if refused:
            with pytest.raises(ConfigError, match="sslmode=verify-full"):
                ask("gateway")
        else:
            assert ask("gateway")
    assert Settings.from_env(told | {"PORTAL_DATABASE_UNPROVED": "1"}).conninfo("gateway")
