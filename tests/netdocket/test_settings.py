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
