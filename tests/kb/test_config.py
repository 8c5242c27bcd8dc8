"""Settings come from the environment, and only good ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.config import Settings
from kb.errors import InvalidSetting


def test_defaults_stand_in_the_users_folder() -> None:
    settings = Settings.from_environment({})
    assert settings.home.name == "passerelle"
    assert settings.model is None
    assert settings.database_url.endswith("passerelle.db")


def test_each_variable_is_read(tmp_path: Path) -> None:
    settings = Settings.from_environment(
        {
            "PASSERELLE_HOME": str(tmp_path),
            "PASSERELLE_DATABASE_URL": "sqlite://",
            "PASSERELLE_MODEL": "some/model",
            "PASSERELLE_MAX_UPLOAD_MB": "3",
            "PASSERELLE_MAX_DOCUMENT_MB": "5",
        }
    )
    assert settings.home == tmp_path
    assert settings.index_folder.parent == tmp_path
    assert (settings.database_url, settings.model) == ("sqlite://", "some/model")
    assert (settings.max_upload_bytes, settings.max_document_bytes) == (3 * 2**20, 5 * 2**20)


def test_the_second_stage_is_on_unless_told() -> None:
    assert Settings.from_environment({}).second
    assert not Settings.from_environment({"PASSERELLE_SECOND": "off"}).second
    with pytest.raises(InvalidSetting, match="PASSERELLE_SECOND"):
        Settings.from_environment({"PASSERELLE_SECOND": "perhaps"})


@pytest.mark.parametrize("size", ["0", "-1", "ten", "1.5"])
def test_a_size_that_is_none_is_refused(size: str) -> None:
    with pytest.raises(InvalidSetting, match="PASSERELLE_MAX_UPLOAD_MB"):
        Settings.from_environment({"PASSERELLE_MAX_UPLOAD_MB": size})
