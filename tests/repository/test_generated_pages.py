"""Pages generated from code say what the code says."""

from pathlib import Path

import pytest

from dispatch.settings import Settings, environment_name, settings_page

pytestmark = pytest.mark.contract

ROOT = Path(__file__).parents[2]


def test_the_settings_page_is_the_one_that_the_code_generates() -> None:
    assert (ROOT / "docs" / "settings.md").read_text() == settings_page()


def test_every_setting_is_explained() -> None:
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert f"`{environment_name(name)}`" in settings_page()
