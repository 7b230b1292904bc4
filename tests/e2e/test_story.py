"""The whole story of the demo, over a real hub: sale, print, picture, gate, outage, sync, verify."""

from pathlib import Path

import pytest

from app.cli.demo import play_story


@pytest.mark.hub
@pytest.mark.slow
def test_the_demo_story_goes_well_from_the_first_step_to_the_last(tmp_path: Path) -> None:
    steps = play_story(tmp_path, "en", None)
    assert [(step.name, step.detail) for step in steps if not step.ok] == []
    assert len(steps) == 18
    assert {path.suffix for path in tmp_path.iterdir()} >= {".pdf", ".png"}
