"""A wrong setting is one clear line that says where it was given."""

from pathlib import Path

import pytest

from netdocket.errors import ConfigurationError
from netdocket.settings import Settings, load_settings


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"NETDOCKET_{name.upper()}", raising=False)
    return tmp_path


def test_command_line_over_environment_over_file(empty_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (empty_folder / "netdocket.toml").write_text('port = 1111\nbatch_size = 7\nlanguage = "zh"\n')
    monkeypatch.setenv("NETDOCKET_PORT", "2222")
    monkeypatch.setenv("NETDOCKET_BATCH_SIZE", "8")
    settings = load_settings(port=3333)
    assert (settings.port, settings.batch_size, settings.language) == (3333, 8, "zh")


@pytest.mark.parametrize(
    "toml, variable, given, where",
    [
        ("port = 99999\n", None, {}, "netdocket.toml: port"),
        ("prot = 80\n", None, {}, "netdocket.toml: prot"),
        ("port = \n", None, {}, "netdocket.toml"),
        ("", ("NETDOCKET_PORT", "many"), {}, "NETDOCKET_PORT"),
        ("", ("NETDOCKET_PROT", "80"), {}, "NETDOCKET_PROT"),
        ("", None, {"port": -1}, "--port"),
    ],
)
def test_wrong_setting_names_its_place(
    toml: str,
    variable: tuple[str, str] | None,
    given: dict[str, object],
    where: str,
    empty_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (empty_folder / "netdocket.toml").write_text(toml)
    if variable:
        monkeypatch.setenv(*variable)
    with pytest.raises(ConfigurationError) as caught:
        load_settings(**given)
    assert caught.value.where == where
    assert "\n" not in str(caught.value)


def test_unreadable_file_is_one_line(empty_folder: Path) -> None:
    (empty_folder / "netdocket.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigurationError) as caught:
        load_settings()
    assert caught.value.where == "netdocket.toml"


def test_a_list_is_given_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NETDOCKET_ALLOWED_HOSTS", "docket.example, second.example")
    assert load_settings().allowed_hosts == ("docket.example", "second.example")


def test_a_list_in_the_file_is_one(empty_folder: Path) -> None:
    (empty_folder / "netdocket.toml").write_text('allowed_hosts = ["docket.example"]\n')
    assert load_settings().allowed_hosts == ("docket.example",)


@pytest.mark.parametrize(
    "variable, given",
    [("NETDOCKET_ES_URL", "https://elastic:s3cret@es:9200"), ("NETDOCKET_KAFKA", "user:s3cret@broker:9092x")],
)
def test_a_refused_address_does_not_show_its_password(
    variable: str, given: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, given)
    with pytest.raises(ConfigurationError) as refused:
        load_settings()
    assert refused.value.where == variable
    assert "s3cret" not in str(refused.value)
    assert refused.value.__cause__ is None
