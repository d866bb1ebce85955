"""Fetches the files of a list over HTTP: only what changed, with patience, and never more than is bearable."""

import asyncio
import hashlib
import random
from collections.abc import Callable, Iterable, Mapping
from email.utils import parsedate_to_datetime
from pathlib import Path

import aiohttp
import msgspec

from sluicegate.errors import ListDownloadError
from sluicegate.lists.store import SourceFile
from sluicegate.screening.lists.base import ListFile
from sluicegate.version import __version__

__all__ = ["USUAL", "Limits", "Told", "download", "modified_at", "url_of"]

Told = Callable[[str, int, int | None], None]
"""Told of each chunk: file, its bytes so far (from 0 again after a failed attempt), and in all where that is known."""

_CHUNK = 1 << 16
_RETRIED = frozenset({408, 425, 429, *range(500, 600)})


class Limits(msgspec.Struct, frozen=True):
    """What a download may cost. Seconds; bytes of one file, unpacked where the server packed it for the transport."""

    connect: float = 20.0
    idle: float = 60.0
    total: float = 1800.0
    attempts: int = 4
    first_wait: float = 1.0
    max_bytes: int = 1 << 30


USUAL = Limits()


class _AgainError(Exception):
    """An attempt failed in a way that may be gone in a moment."""


def url_of(name: str, file: ListFile, base: str | None) -> str:
    """Where a file is fetched from; `base`: a mirror that has it under its local name, `{list}` the list's name.

    >>> url_of("un", ListFile("consolidated.xml", "https://un.example/x"), "https://mirror.example/{list}/")
    'https://mirror.example/un/consolidated.xml'
    """
    return file.url if base is None else f"{base.replace('{list}', name).rstrip('/')}/{file.name}"


def download(
    files: Iterable[tuple[ListFile, str]],
    folder: Path,
    known: Mapping[str, SourceFile],
    limits: Limits = USUAL,
    told: Told = lambda _name, _done, _total: None,
) -> list[SourceFile] | None:
    """Fetch files, each with its URL, into `folder` under their local names; None where nothing changed.

    known: what is held of them, by URL. All come, or none: where one changed, the others are fetched as well. A file
    that is not needed may be absent. Raises ListDownloadError, OSError where `folder` cannot be written.
    """
    return asyncio.run(_download(list(files), folder, known, limits, told))


def modified_at(file: SourceFile) -> float | None:
    """When the server says that the file changed, in seconds since 1970 UTC; None where it does not say."""
    try:
        return parsedate_to_datetime(file.modified).timestamp()
    except ValueError:
        return None


async def _download(
    files: list[tuple[ListFile, str]], folder: Path, known: Mapping[str, SourceFile], limits: Limits, told: Told
) -> list[SourceFile] | None:
    timeout = aiohttp.ClientTimeout(total=limits.total, sock_connect=limits.connect, sock_read=limits.idle)
    headers = {"User-Agent": f"sluicegate/{__version__}"}
    async with aiohttp.ClientSession(timeout=timeout, headers=headers, trust_env=True) as session:
        fetch = _Fetch(session, folder, limits, told)
        first = [await fetch.patiently(file, url, known.get(url)) for file, url in files]
        if all(one is _SAME or (one is None and url not in known) for one, (_, url) in zip(first, files, strict=True)):
            return None
        got = [
            await fetch.patiently(file, url, None) if one is _SAME else one
            for one, (file, url) in zip(first, files, strict=True)
        ]
        return [one for one in got if one is not None]


_SAME = SourceFile("", "", "", 0)
"""In place of a file: the server has nothing newer."""


class _Fetch:
    def __init__(self, session: aiohttp.ClientSession, folder: Path, limits: Limits, told: Told) -> None:
        self._session, self._folder, self._limits, self._told = session, folder, limits, told

    async def patiently(self, file: ListFile, url: str, held: SourceFile | None) -> SourceFile | None:
        """The file, `_SAME`, or None where it is absent and not needed; waits longer after each failed attempt."""
        limits = self._limits
        for attempt in range(limits.attempts):
            if attempt:
                await asyncio.sleep(limits.first_wait * 2 ** (attempt - 1) * random.uniform(0.5, 1.5))
            try:
                return await self._once(file, url, held)
            except _AgainError as failed:
                why = str(failed)
            except TimeoutError:
                slowest = f"{limits.connect:g} s to connect, {limits.idle:g} s of silence, {limits.total:g} s in all"
                why = f"too slow (allowed: {slowest})"
            except aiohttp.ClientConnectorCertificateError as error:
                raise ListDownloadError(f"{url}: its certificate is not trusted: {error.certificate_error}") from None
            except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError, aiohttp.TooManyRedirects) as error:
                raise ListDownloadError(f"{url}: {type(error).__name__}") from None
            except aiohttp.ClientError as error:
                why = f"{type(error).__name__}: {error}"
        raise ListDownloadError(f"{url}: {why}; {limits.attempts} attempts")

    async def _once(self, file: ListFile, url: str, held: SourceFile | None) -> SourceFile | None:
        asked = {}
        if held is not None and held.etag:
            asked["If-None-Match"] = held.etag
        if held is not None and held.modified:
            asked["If-Modified-Since"] = held.modified
        async with self._session.get(url, headers=asked) as answer:
            if answer.status == 304 and asked:
                return _SAME
            if answer.status in (404, 410) and not file.needed:
                return None
            status = f"status {answer.status} {answer.reason or ''}".rstrip()
            if answer.status in _RETRIED:
                raise _AgainError(status)
            if answer.status != 200:
                raise ListDownloadError(f"{url}: {status}")
            digest, size = await self._save(file, url, answer)
            etag, modified = answer.headers.get("ETag", ""), answer.headers.get("Last-Modified", "")
        return SourceFile(file.name, url, digest, size, etag, modified)

    async def _save(self, file: ListFile, url: str, answer: aiohttp.ClientResponse) -> tuple[str, int]:
        """Write the body; aiohttp raises where it ends before its announced length."""
        largest = self._limits.max_bytes
        length = answer.content_length if "Content-Encoding" not in answer.headers else None
        if (answer.content_length or 0) > largest:
            raise ListDownloadError(_too_large(url, largest))
        digest, size = hashlib.sha256(), 0
        with (self._folder / file.name).open("wb") as out:
            async for chunk in answer.content.iter_chunked(_CHUNK):
                size += len(chunk)
                if size > largest:
                    raise ListDownloadError(_too_large(url, largest))
                digest.update(chunk)
                out.write(chunk)
                self._told(file.name, size, length)
        return digest.hexdigest(), size


def _too_large(url: str, largest: int) -> str:
    return f"{url}: larger than the limit of {largest / 1e6:,.0f} MB (--max-size raises it)"
