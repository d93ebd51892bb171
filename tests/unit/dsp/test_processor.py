from __future__ import annotations

from typing import Any

import pytest

from auralis_cli.dsp.processor import check_range, check_stream


@pytest.mark.invariant("S3-ENG-10")
@pytest.mark.parametrize(("rate_hz", "channels"), [(0, 2), (-1, 2), (44_100, 0), (44_100.0, 2), (44_100, True)])
def test_a_stream_is_a_positive_number_of_channels_at_a_positive_rate(rate_hz: Any, channels: Any) -> None:
    with pytest.raises(ValueError, match="positive whole number"):
        check_stream(rate_hz, channels)


def test_a_value_outside_its_range_is_named() -> None:
    check_range("attack_ms", 5.0, 5.0, 10.0)
    for value in (4.9, 10.1, float("nan")):
        with pytest.raises(ValueError, match="attack_ms must lie in 5…10"):
            check_range("attack_ms", value, 5.0, 10.0)
