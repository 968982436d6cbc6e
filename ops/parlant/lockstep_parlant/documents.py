"""Replaces documents of Parlant's stores all at once.

Both document databases that the server uses for journeys, in memory and in a JSON file, keep a collection as a list. Several lists
are exchanged here without an `await` in between, so no other task of the server's event loop can see some old and some new; a file
is then written once.
"""

import asyncio
import json
import os
from typing import Any, Sequence

from parlant.adapters.db.json_file import JSONFileDocumentCollection, JSONFileDocumentDatabase
from parlant.adapters.db.transient import TransientDocumentCollection

from .refusals import Refusal

Documents = list[dict[str, Any]]


def documents_of(collection: Any) -> Documents:
    """The list in which `collection` keeps its documents."""
    if isinstance(collection, TransientDocumentCollection):
        return collection._documents  # type: ignore[return-value]
    if isinstance(collection, JSONFileDocumentCollection):
        return collection.documents  # type: ignore[return-value]
    raise Refusal(
        501,
        "unsupported_storage",
        f"journeys are kept in a {type(collection).__name__}, whose documents cannot be replaced at once",
    )


class Replacement:
    """New contents for some collections, applied together or not at all."""

    def __init__(self) -> None:
        self._parts: list[tuple[Any, Documents]] = []

    def put(self, collection: Any, documents: Sequence[dict[str, Any]]) -> None:
        self._parts.append((collection, list(documents)))

    async def apply(self) -> None:
        """Applies all parts. When anything fails, cancellation included, the former contents stand again."""
        former = [(documents_of(collection), list(documents_of(collection))) for collection, _ in self._parts]
        try:
            for collection, documents in self._parts:
                self.exchange(collection, documents)
            await self._write()
        except BaseException:
            for documents, before in former:
                documents[:] = before
            await self._write()
            raise

    def exchange(self, collection: Any, documents: Documents) -> None:
        documents_of(collection)[:] = documents

    async def _write(self) -> None:
        databases = {
            id(collection._database): collection._database
            for collection, _ in self._parts
            if isinstance(collection, JSONFileDocumentCollection)
        }
        for database in databases.values():
            await database.flush()


def write_files_whole(collection: Any) -> None:
    """Lets the file behind `collection`, if there is one, be replaced by a complete new one instead of being written in place.

    Otherwise a server killed while it writes would leave a torn file, and with it half of every journey.
    """
    if not isinstance(collection, JSONFileDocumentCollection):
        return
    database: JSONFileDocumentDatabase = collection._database

    async def save(data: Any) -> None:
        text = json.dumps({**database._raw_data, **data}, ensure_ascii=False, indent=2)
        await asyncio.to_thread(_replace_file, database.file_path, text)

    database._save_data = save  # type: ignore[method-assign]


def _replace_file(path: Any, text: str) -> None:
    beside = path.with_name(path.name + ".new")
    with open(beside, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(beside, path)
