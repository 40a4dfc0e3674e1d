"""Where chunks are worked on: in this process, in several on this machine, or on a cluster. What comes out is the same.

An executor is a function: it takes a function of a chunk and gives what came of each in the order of the chunks.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from importlib import import_module
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

from compliance.screen import sharing, work
from compliance.screen.parts import Chunk, Input, Task
from compliance.screen.work import Done, book_of, do_with
from compliance.source import Place, Problem, SourceError

Executor = Callable[[Any, Input, Sequence[Chunk], str], Iterator[Done]]
Work = Callable[[Any, Input, Chunk, str], Done]  # what is asked, of what, a chunk of it, and the folder of the run
AHEAD = 2  # chunks that wait for each worker
LIVES = 3  # times that a chunk is begun again after a worker was killed


LOCAL, CLUSTER = "local", "dask://"


def executor(name: str, workers: int, do: Work = work.do) -> Executor:
    """The executor of a name: ``local``, or ``dask://host:port``; ``do`` is what is done with a chunk. Raises ``SourceError``."""
    if name == LOCAL:
        return local(workers, do)
    if name.startswith(CLUSTER) and name.removeprefix(CLUSTER):
        return cluster(name.removeprefix(CLUSTER), do)
    raise SourceError([Problem(Place("--executor"), "choice-bad", {"text": name, "expected": f"{LOCAL}, {CLUSTER}HOST:PORT"})])


def local(workers: int, do: Work = work.do) -> Executor:
    """This machine, with so many processes (one: this process itself). ``do`` is what is done with a chunk."""

    def run(task: Any, given: Input, chunks: Sequence[Chunk], out: str) -> Iterator[Done]:
        if workers > 1 and len(chunks) == 1 and do is work.do and sharing.worth(task, given, chunks[0]):
            return _by_rules(workers - 1, task, _without_chunks(given), chunks[0], out)
        if workers < 2 or len(chunks) < 2:
            return (do(task, _without_chunks(given), chunk, out) for chunk in chunks)
        return _in_processes(min(workers, len(chunks)), do, task, _without_chunks(given), chunks, out)

    return run


def _without_chunks(given: Input) -> Input:
    """An input as a worker needs it: it is told of its own chunk alone."""
    return given._replace(chunks=(), problems=())


def _in_processes(workers: int, do: Work, task: Any, given: Input, chunks: Sequence[Chunk], out: str) -> Iterator[Done]:
    done = lives = 0
    while done < len(chunks):
        try:
            with _processes(workers, _begin) as pool:
                for found in _ordered(pool, workers * AHEAD, do, task, given, chunks[done:], out):
                    yield found
                    done, lives = done + 1, 0
        except BrokenProcessPool:
            lives += 1
            if lives >= LIVES:
                raise SourceError([Problem(Place("--workers"), "screen-worker", {})]) from None


@contextlib.contextmanager
def _processes(workers: int, begin: Callable[..., None], *given: Any) -> Iterator[ProcessPoolExecutor]:
    """Fresh processes for a time: forked ones would share the threads and locks of this one.

    What they are at when that ends too early is done again: nobody has to wait for it.
    """
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=begin, initargs=given)
    try:
        yield pool
    except BrokenProcessPool:
        raise
    except BaseException:
        for process in list((pool._processes or {}).values()):
            process.terminate()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _by_rules(helpers: int, task: Task, given: Input, chunk: Chunk, out: str) -> Iterator[Done]:
    """One chunk, whose rules are shared with other processes."""
    with _processes(helpers, _help, task, given, chunk) as pool:
        pool.submit(os.getpid)  # they start with the first that is asked of them, and read while this process does
        yield work.do(task, given, chunk, out, sharing.shared(pool))


def _help(task: Task, given: Input, chunk: Chunk) -> None:
    _begin()
    sharing.read(task, given, chunk)


def _ordered(pool: ProcessPoolExecutor, ahead: int, do: Work, task: Any, given: Input, chunks: Sequence[Chunk], out: str) -> Iterator[Done]:
    waiting: deque[Future[Done]] = deque()
    for chunk in chunks:
        waiting.append(pool.submit(do, task, given, chunk, out))
        if len(waiting) >= ahead:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _begin() -> None:
    """A worker ends with the process that started it, and leaves signals from the terminal to that one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.set_threshold(1_000_000, 50, 50)  # as the command line has it: few cycles are made, and much is held that none is part of
    parent = parent_process()
    assert parent is not None

    def watch() -> None:
        wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()


def cluster(address: str, do: Work = work.do) -> Executor:
    """A Dask cluster that is there already. Its workers need this program, the input and the results under the same paths.

    The rule book is sent once, as the files that it was read from, under its hash; a chunk whose worker was killed is done again
    by another.
    """

    def run(task: Task, given: Input, chunks: Sequence[Chunk], out: str) -> Iterator[Done]:
        try:
            distributed: Any = import_module("distributed")
        except ImportError:
            raise SourceError([Problem(Place("--executor"), "extra-needed", {"extra": "cluster"})]) from None
        try:
            client = distributed.Client(address, timeout="10s", set_as_default=False)
        except (OSError, ValueError) as error:
            reason = str(error).splitlines()[0] if str(error) else "?"
            raise SourceError([Problem(Place("--executor"), "screen-cluster", {"reason": reason})]) from None
        with client:
            yield from _on_cluster(client, do, task, _without_chunks(given), chunks, str(Path(out).resolve()))

    return run


def _on_cluster(client: Any, do: Work, task: Task, given: Input, chunks: Sequence[Chunk], out: str) -> Iterator[Done]:
    killed: Any = import_module("distributed").KilledWorker
    book = client.scatter(book_of(task), broadcast=True, hash=True)
    waiting: deque[Any] = deque()
    left = deque(chunks)
    ahead = max(2, AHEAD * sum(client.nthreads().values()))
    try:
        while left or waiting:
            while left and len(waiting) < ahead:
                waiting.append(client.submit(do_with, book, do, task, given, left.popleft(), out, pure=False, retries=LIVES))
            yield waiting.popleft().result()
    except killed:
        raise SourceError([Problem(Place("--executor"), "screen-worker", {})]) from None
    finally:
        client.cancel(list(waiting))
