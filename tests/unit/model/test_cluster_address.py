"""Addresses of clusters: what is one, and what is none."""

from __future__ import annotations

import pytest

from auralis_cli.model.cluster_address import ClusterAddress


@pytest.mark.parametrize("word", ["dask://localhost:8786", "dask://10.0.0.7:1", "dask://[::1]:65535"])
def test_an_address_is_read_and_written_alike(word: str) -> None:
    address = ClusterAddress.parse(word)
    assert str(address) == word
    assert address.url == word.replace("dask", "tcp")


@pytest.mark.parametrize(
    "word",
    ["", "localhost:8786", "tcp://a:1", "dask://a", "dask://a:0", "dask://a:65536", "dask://:1", "dask://a b:1",
     "dask://a:1/x", "dask://a:1\n", "dask://u@a:1", "dask://-a:1"],
)  # fmt: skip
def test_what_is_no_address_is_refused(word: str) -> None:
    with pytest.raises(ValueError, match="no address"):
        ClusterAddress.parse(word)
