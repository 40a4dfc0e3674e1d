"""What every test stands on: the checkout's root, a cache of its own, no network, and no clock in property tests."""

from __future__ import annotations

import gc
import ipaddress
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

# A loaded machine must not fail a property; a found counter-example must be repeatable from the log alone.
settings.register_profile("default", deadline=None, print_blob=True)
settings.register_profile("thorough", settings.get_profile("default"), max_examples=2_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

# As the command line does: looking through all rules and records for cycles, which they have few of, takes a sixth of the time.
gc.set_threshold(100_000, 50, 50)


@pytest.fixture(scope="session")
def root() -> Path:
    """The root of the checkout."""
    return Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep the tests, and the commands they start, away from the user's own cache folder. All processes of a run share one."""
    base = tmp_path_factory.getbasetemp()
    cache = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "cache"
    cache.mkdir(exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(cache))
        yield cache


def reaches_out(address: object) -> bool:
    """Whether a socket address lies beyond this machine; a host that is a name, other than localhost, does."""
    if not isinstance(address, tuple) or not address:
        return False
    host = address[0]
    if host in ("", "localhost"):
        return False
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return True


@pytest.fixture(scope="session", autouse=True)
def no_network() -> Iterator[None]:
    """Make any connection beyond this machine fail the test that asks for it."""
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def guarded_connect(self: socket.socket, address: Any) -> None:
        if reaches_out(address):
            pytest.fail(f"a test reached for the network: {address}")
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        if reaches_out(address):
            pytest.fail(f"a test reached for the network: {address}")
        return connect_ex(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded_connect)
        patch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
        yield
