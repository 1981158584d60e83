"""The connection to a Neo4j server; the only importer of its driver.

Every failure becomes a StoreError with words for a user where the server or its settings are the cause, and a
QueryError where one of our statements is. No message contains a password.
"""

from __future__ import annotations

import contextlib
import logging
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import neo4j
from neo4j import exceptions as driver_errors
from neo4j.time import Date

from graph.errors import QueryError, StoreError, StoreFullError, StoreSlowError

# a request is answered within 5 s that the server is away: the last try may begin after RETRY and take GREETED

#: seconds for a connection to be made: a missing server is reported soon
CONNECT = 2.0
#: seconds for the server to answer on it: another program may listen there
GREETED = 3.0
#: seconds for which a passing failure (an election, a deadlock) is retried
RETRY = 1.0
#: a connection unused for longer is tried before it is used again
UNUSED = 2.0
#: seconds that the server's own limit of a statement may be late by
LATE = 3.0

Rows = list[list[Any]]
T = TypeVar("T")

# the driver's messages reach the user as our errors, not on the terminal
logging.getLogger("neo4j").addHandler(logging.NullHandler())


class _TooLateError(driver_errors.DriverError):
    """The answer did not come in time, whoever is to blame."""


class _Limits:
    """Ends sessions that take too long: a server keeps its own limit, but not where it hangs, nor the way to it."""

    def __init__(self) -> None:
        self._until: dict[neo4j.Session, float] = {}
        self._over = threading.Event()
        threading.Thread(target=self._watch, name="liangxin-limits", daemon=True).start()

    @contextlib.contextmanager
    def limited(self, session: neo4j.Session, seconds: float) -> Iterator[None]:
        """End what the block does with a session when it takes longer than the server's own limit of `seconds`."""
        until = self._until[session] = time.monotonic() + seconds + LATE
        try:
            yield
        except (driver_errors.DriverError, OSError) as error:
            if time.monotonic() > until:
                raise _TooLateError from error
            raise
        finally:
            del self._until[session]

    def close(self) -> None:
        """Watch no longer."""
        self._over.set()

    def _watch(self) -> None:
        while not self._over.wait(0.5):
            now = time.monotonic()
            for session, until in self._until.copy().items():
                if now > until:
                    _cut(session)


class Server:
    """One database of a server. Nothing is asked of it before the first statement."""

    def __init__(
        self,
        location: str,
        user: str,
        password: str,
        *,
        database: str = "",
        ca_file: Path | None = None,
        timeout: float = 60.0,
        remarks: bool = False,
    ) -> None:
        """`timeout` bounds each question in seconds; with `remarks` the driver logs what the server remarks on ours."""
        self.location = location
        self._timeout = timeout
        self._database = database or None
        severity = neo4j.NotificationMinimumSeverity
        options: dict[str, Any] = {"notifications_min_severity": severity.INFORMATION if remarks else severity.OFF}
        scheme = urlsplit(location).scheme
        if ca_file is not None and scheme.endswith("+s"):
            location = scheme.removesuffix("+s") + location[len(scheme) :]
            options |= {"encrypted": True, "trusted_certificates": neo4j.TrustCustomCAs(str(ca_file))}
        with self._translated():
            self._driver = neo4j.GraphDatabase.driver(
                location,
                auth=(user, password),
                user_agent="liangxin-graph",
                telemetry_disabled=True,
                connection_timeout=CONNECT,
                connection_acquisition_timeout=GREETED,
                liveness_check_timeout=UNUSED,
                **options,
            )
        # what one session has written every other one sees, on whichever member of a cluster it reads
        self._bookmarks = self._driver.execute_query_bookmark_manager
        self._limits = _Limits()

    def read(self, text: str, parameters: Mapping[str, Any]) -> Rows:
        """Rows of a query that only reads, tried again where the failure may pass."""

        def ask() -> Rows:
            with (
                self._translated(),
                self._session(neo4j.READ_ACCESS) as session,
                self._limited(session),
            ):
                return _rows(session.run(neo4j.Query(text, timeout=self._timeout), dict(parameters)))

        return _again(ask)

    def read_both(self, text: str, after: str, parameters: Mapping[str, Any]) -> tuple[Rows, Rows]:
        """Rows of a query, and those of another that is asked once the first is answered; a row is a list."""
        with (
            self._translated(),
            self._session(neo4j.READ_ACCESS, 10_000) as session,
            self._limited(session),
            session.begin_transaction(timeout=self._timeout) as transaction,
        ):
            rows = _rows(transaction.run(text, dict(parameters)))
            return rows, _rows(transaction.run(after))

    def change(self, text: str, parameters: Mapping[str, Any], timeout: float | None = None) -> Rows:
        """Rows of one statement that writes, in a transaction of its own, tried again where the failure may pass.

        It may be carried out twice: where the connection ends at the commit, no one knows whether it was.
        """
        seconds = timeout or self._timeout

        def write() -> Rows:
            with (
                self._translated(),
                self._session(neo4j.WRITE_ACCESS) as session,
                self._limits.limited(session, seconds),
                session.begin_transaction(timeout=seconds) as transaction,
            ):
                rows = _rows(transaction.run(text, dict(parameters)))
                transaction.commit()
                return rows

        return _again(write)

    def begin(self, timeout: float = 3600.0) -> Transaction:
        """A transaction that writes, to be committed or dropped."""
        with self._translated():
            session = self._session(neo4j.WRITE_ACCESS)
            return Transaction(self, session.begin_transaction(timeout=timeout), session)

    def close(self) -> None:
        """End every connection."""
        self._limits.close()
        self._driver.close()

    def _session(self, access: str, fetch: int = 1000) -> neo4j.Session:
        return self._driver.session(
            database=self._database, default_access_mode=access, bookmark_manager=self._bookmarks, fetch_size=fetch
        )

    def _limited(self, session: neo4j.Session) -> contextlib.AbstractContextManager[None]:
        return self._limits.limited(session, self._timeout)

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        """Failures of the driver and of the server in our words."""
        try:
            yield
        except (driver_errors.Neo4jError, driver_errors.DriverError) as error:
            raise _meaning(error, self.location, self._timeout) from error
        except (OSError, ValueError) as error:
            # an address that cannot be resolved, a certificate that cannot be read
            raise StoreError(
                f"不能连接 Neo4j 服务器 {self.location}（{_brief(error)}）。请检查地址，以及设置 neo4j.ca_file 所指的证书文件。"
            ) from error


class Transaction:
    """Statements that count together."""

    def __init__(self, server: Server, begun: neo4j.Transaction, session: neo4j.Session) -> None:
        self._server = server
        self._begun = begun
        self._session = session

    def run(self, text: str, parameters: Mapping[str, Any] | None = None) -> Rows:
        """Rows of a statement."""
        with self._server._translated():
            return _rows(self._begun.run(text, dict(parameters or {})))

    def read(self, text: str, parameters: Mapping[str, Any]) -> Rows:
        """Rows of a question, which ends the transaction where it takes longer than one may.

        Raises QueryError where the server says that it did more than read: what it did must not be committed.
        """
        try:
            with self._server._translated(), self._server._limited(self._session):
                result = self._begun.run(text, dict(parameters))
                rows, done = _rows(result), result.consume()
        except StoreSlowError as error:
            # a server limits the whole transaction, not each statement of it: this one was ended from here
            error.by_query = True
            raise
        if done.query_type != "r" or done.counters.contains_updates or done.counters.contains_system_updates:
            raise QueryError(f"a question was to change the graph: {text[:200]}")
        return rows

    def commit(self) -> None:
        """Make it count."""
        with self._server._translated():
            self._begun.commit()
        self.drop()

    def cut(self) -> None:
        """End the connection, for another thread: who waits for the server has waited in vain."""
        _cut(self._session)

    def drop(self) -> None:
        """Let go of what was not committed."""
        with contextlib.suppress(driver_errors.Neo4jError, driver_errors.DriverError, OSError):
            self._begun.close()
        with contextlib.suppress(driver_errors.Neo4jError, driver_errors.DriverError, OSError):
            self._session.close()


def _again(work: Callable[[], T]) -> T:
    """What `work` gives, tried again for a while where its failure may pass."""
    until = time.monotonic() + RETRY
    while True:
        try:
            return work()
        except StoreError as error:
            if not _passing(error.__cause__) or time.monotonic() > until:
                raise
            time.sleep(0.1)


def _cut(session: neo4j.Session) -> None:
    """End the connection of a session that another thread waits for, which the driver has no public verb for."""
    connection = session._connection
    if connection is not None:
        connection.socket.close()


def _rows(result: neo4j.Result) -> Rows:
    return [list(record.values()) for record in result]


def native(value: Any) -> Any:
    """A value of the driver's as Python's own, those within a map too."""
    if isinstance(value, dict):
        return {name: native(inner) for name, inner in value.items()}
    return value.to_native() if isinstance(value, Date) else value


def out_of_memory(error: BaseException | None) -> bool:
    """Whether the server ran out of memory; it calls that failure transient, but a retry does not help."""
    return isinstance(error, driver_errors.Neo4jError) and "Memory" in (error.code or "")


def answered(error: BaseException | None) -> bool:
    """Whether the error came from the server itself, which can then be reached."""
    return isinstance(error, driver_errors.Neo4jError)


def contended(error: BaseException | None) -> bool:
    """Whether another transaction had created, or locked, what a statement was to create."""
    code = (error.code or "") if isinstance(error, driver_errors.Neo4jError) else ""
    return code.endswith(("AlreadyExists", "DeadlockDetected"))


def timed_out(error: BaseException | None) -> bool:
    """Whether a statement ended because of its time limit."""
    if isinstance(error, _TooLateError):
        return True
    code = (error.code or "") if isinstance(error, driver_errors.Neo4jError) else ""
    return "TransactionTimedOut" in code or "LockAcquisitionTimeout" in code or "LockClientStopped" in code


def _passing(error: BaseException | None) -> bool:
    if not isinstance(error, driver_errors.Neo4jError | driver_errors.DriverError):
        return False
    # a certificate does not become another by waiting, nor memory more
    lasting = out_of_memory(error) or isinstance(_origin(error), ssl.SSLError)
    return (error.is_retryable() or isinstance(error, driver_errors.IncompleteCommit)) and not lasting


def _meaning(error: Exception, location: str, timeout: float) -> Exception:
    code = (error.code or "") if isinstance(error, driver_errors.Neo4jError) else ""
    if out_of_memory(error):
        return StoreFullError(
            f"Neo4j 服务器 {location} 的内存不够做完这一步。请让管理员调大 server.memory.heap.max_size"
            "（或 dbms.memory.transaction.total.max）后重试。"
        )
    if isinstance(error, driver_errors.AuthError) or code.startswith("Neo.ClientError.Security"):
        what = "没有这样做的权限" if code.endswith("Forbidden") else "用户名或密码不对"
        return StoreError(
            f"Neo4j 服务器 {location} 拒绝了登录：{what}。请检查 LIANGXIN_NEO4J_USER 和 LIANGXIN_NEO4J_PASSWORD"
            "（或 LIANGXIN_NEO4J_PASSWORD_FILE）。"
        )
    if code.startswith("Neo.ClientError.Database") or "DatabaseUnavailable" in code:
        return StoreError(f"Neo4j 服务器 {location} 上没有所要的数据库，或它没有启动。请检查设置 neo4j.database。")
    if timed_out(error):
        return StoreSlowError(f"Neo4j 服务器 {location}", timeout, by_query=not isinstance(error, _TooLateError))
    if code.startswith(("Neo.ClientError.Schema", "Neo.ClientError.Statement", "Neo.ClientError.Procedure")):
        return QueryError(f"{code}: {_brief(error)}")
    if isinstance(error, driver_errors.IncompleteCommit):
        return StoreError(
            f"与 Neo4j 服务器 {location} 的连接在提交时断开，不能确定是否已经写入。请稍后用 liangxin ask loads 查看载入记录；"
            "载入台账可以直接重新执行，已写入的不会重复。"
        )
    if code.startswith("Neo.DatabaseError"):
        return StoreError(
            f"Neo4j 服务器 {location} 出了故障（{_brief(error)}）。"
            "请让管理员查看服务器的日志和磁盘空间，必要时重启服务器，然后重新执行。"
        )
    if code:
        return StoreError(
            f"Neo4j 服务器 {location} 没有做成（{code}：{_brief(error)}）。请稍后重试，或查看服务器的日志。"
        )
    if isinstance(_origin(error), ssl.SSLCertVerificationError):
        return StoreError(
            f"Neo4j 服务器 {location} 的证书不能确认（{_brief(error)}）。"
            "请把设置 neo4j.ca_file 指向签发该证书的机构的证书，并用证书上写的名称访问服务器。"
        )
    return StoreError(
        f"连不上 Neo4j 服务器 {location}（{_brief(error)}）。请检查地址，确认服务器已启动、网络可达；"
        "服务器要求加密的，地址以 bolt+s:// 或 neo4j+s:// 开头。"
    )


def _origin(error: BaseException) -> BaseException:
    """What the system said, which the driver wraps into texts about itself, when routing into a group of them."""
    if isinstance(error, BaseExceptionGroup):
        return _origin(error.exceptions[0])
    if isinstance(error, driver_errors.Neo4jError) or error.__cause__ is None:
        return error
    return _origin(error.__cause__)


def _brief(error: BaseException) -> str:
    error = _origin(error)
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    text = (error.message or "") if isinstance(error, driver_errors.Neo4jError) else str(error)
    lines = text.strip().splitlines()
    return lines[0][:160] if lines else type(error).__name__
