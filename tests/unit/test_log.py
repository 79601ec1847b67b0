import logging

import pytest

from stylecam import log


@pytest.mark.parametrize(
    ("verbosity", "shown"),
    [(0, ["warning"]), (1, ["info", "warning"]), (2, ["debug", "info", "warning"]), (9, ["debug", "info", "warning"])],
)
def test_verbosity_opens_the_log(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture, verbosity: int, shown: list[str]
) -> None:
    """Only warnings are shown unless asked for more; calling twice does not show them twice."""
    log.configure(2)
    log.configure(verbosity)
    logger = logging.getLogger("stylecam.test")
    logger.debug("debug")
    logger.info("info")
    logger.warning("warning")
    err = capsys.readouterr().err.splitlines()
    assert [line.split(": ")[-1] for line in err] == shown
