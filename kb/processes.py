"""Processes beside this one, for work that one core would take too long for."""

from __future__ import annotations

import multiprocessing
import os
import threading
from concurrent.futures import ProcessPoolExecutor


def helpers(count: int) -> ProcessPoolExecutor:
    """A pool of processes that end when this one does, be it killed."""
    # Forking a process that holds a database open would share its connection.
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(count, context, initializer=_end_with_parent)


def _end_with_parent() -> None:
    """Where the parent is killed, its processes would wait for work for ever."""
    parent = multiprocessing.parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
