"""How a Neo4j server is spoken to; the only importer of its driver.

Every failure comes out as one of ours: a StoreError with words for a user where the server or its settings are the
reason, a RuntimeError where a statement of ours is. What carries a password never reaches a text.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import neo4j
from neo4j import exceptions as driver_errors
from neo4j.time import Date

from graph.errors import StoreError

#: seconds for a connection to be made; what is not there should be said soon
CONNECT = 3.0
#: seconds for which what may pass (a leader elected, a deadlock) is tried again
RETRY = 3.0
#: a connection unused for longer is tried before it is used again
UNUSED = 20.0

Rows = list[list[Any]]


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
        warn: bool = False,
    ) -> None:
        """`timeout` bounds each question in seconds; with `warn` the server's remarks become Python warnings."""
        self.location = location
        self._timeout = timeout
        self._database = database or None
        options: dict[str, Any] = {}
        if warn:
            options["warn_notification_severity"] = neo4j.NotificationMinimumSeverity.INFORMATION
        else:
            options["notifications_min_severity"] = neo4j.NotificationMinimumSeverity.OFF
        if ca_file is not None:
            scheme = urlsplit(location).scheme
            location = location.replace(scheme, scheme.partition("+")[0], 1)
            options |= {"encrypted": True, "trusted_certificates": neo4j.TrustCustomCAs(str(ca_file))}
        with self._translated():
            self._driver = neo4j.GraphDatabase.driver(
                location,
                auth=(user, password),
                user_agent="liangxin-graph",
                telemetry_disabled=True,
                connection_timeout=CONNECT,
                connection_acquisition_timeout=CONNECT + 2,
                liveness_check_timeout=UNUSED,
                max_transaction_retry_time=RETRY,
                **options,
            )
        # what one session has written every other one sees, on whichever member of a cluster it reads
        self._bookmarks = self._driver.execute_query_bookmark_manager

    def read(self, text: str, parameters: Mapping[str, Any]) -> Rows:
        """Rows of a query that only reads, tried again where the failure may pass."""
        until = time.monotonic() + RETRY
        while True:
            try:
                with self._translated(), self._session(neo4j.READ_ACCESS) as session:
                    return _rows(session.run(self._query(text), dict(parameters)))
            except StoreError as error:
                if not _passing(error.__cause__) or time.monotonic() > until:
                    raise
                time.sleep(0.1)

    def read_both(self, text: str, after: str, parameters: Mapping[str, Any]) -> tuple[Rows, Rows]:
        """Rows of a query, and those of another that is asked once the first is answered; a row is a list."""
        with (
            self._translated(),
            self._session(neo4j.READ_ACCESS, 10_000) as session,
            session.begin_transaction(timeout=self._timeout) as transaction,
        ):
            rows = _rows(transaction.run(text, dict(parameters)))
            return rows, _rows(transaction.run(after))

    def change(self, text: str, parameters: Mapping[str, Any], timeout: float | None = None) -> Rows:
        """Rows of one statement that writes, in a transaction of its own; it may be carried out twice."""

        @neo4j.unit_of_work(timeout=timeout or self._timeout)
        def work(transaction: neo4j.ManagedTransaction) -> Rows:
            try:
                return _rows(transaction.run(text, dict(parameters)))
            except driver_errors.TransientError as error:
                if out_of_memory(error):
                    # called passing by the server: the driver would try again and again
                    raise _meaning(error, self.location, self._timeout) from error
                raise

        with self._translated(), self._session(neo4j.WRITE_ACCESS) as session:
            return session.execute_write(work)

    def begin(self, timeout: float = 3600.0) -> Transaction:
        """A transaction that writes, to be committed or dropped."""
        with self._translated():
            session = self._session(neo4j.WRITE_ACCESS)
            return Transaction(self, session.begin_transaction(timeout=timeout), session)

    def close(self) -> None:
        """End every connection."""
        self._driver.close()

    def _session(self, access: str, fetch: int = 1000) -> neo4j.Session:
        return self._driver.session(
            database=self._database, default_access_mode=access, bookmark_manager=self._bookmarks, fetch_size=fetch
        )

    def _query(self, text: str) -> neo4j.Query:
        return neo4j.Query(text, timeout=self._timeout)

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
                f"不能连接 Neo4j 服务器 {self.location}（{_brief(error)}）。请检查地址和证书文件。"
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

    def commit(self) -> None:
        """Make it count."""
        with self._server._translated():
            self._begun.commit()
        self.drop()

    def drop(self) -> None:
        """Let go of what was not committed."""
        with contextlib.suppress(driver_errors.Neo4jError, driver_errors.DriverError, OSError):
            self._begun.close()
        with contextlib.suppress(driver_errors.Neo4jError, driver_errors.DriverError, OSError):
            self._session.close()


def _rows(result: neo4j.Result) -> Rows:
    return [list(record.values()) for record in result]


def native(value: Any) -> Any:
    """A value of the driver's as Python's own."""
    return value.to_native() if isinstance(value, Date) else value


def out_of_memory(error: BaseException | None) -> bool:
    """Whether the server gave up for want of memory, which it calls passing, and which is not."""
    return isinstance(error, driver_errors.Neo4jError) and "Memory" in (error.code or "")


def timed_out(error: BaseException | None) -> bool:
    """Whether the server ended a statement because of its time limit."""
    code = (error.code or "") if isinstance(error, driver_errors.Neo4jError) else ""
    return "TransactionTimedOut" in code or "LockAcquisitionTimeout" in code or "LockClientStopped" in code


def _passing(error: BaseException | None) -> bool:
    if isinstance(error, driver_errors.Neo4jError | driver_errors.DriverError):
        return error.is_retryable() and not out_of_memory(error)
    return False


def _meaning(error: Exception, location: str, timeout: float) -> Exception:
    code = (error.code or "") if isinstance(error, driver_errors.Neo4jError) else ""
    if out_of_memory(error):
        return StoreError(
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
        return StoreError(
            f"Neo4j 服务器 {location} 在 {timeout:g} 秒内没有答完。请稍后重试，或把设置 neo4j.seconds 调大。"
        )
    if code.startswith(("Neo.ClientError.Schema", "Neo.ClientError.Statement", "Neo.ClientError.Procedure")):
        return RuntimeError(f"{code}: {_brief(error)}")
    if code:
        return StoreError(
            f"Neo4j 服务器 {location} 没有做成（{code}：{_brief(error)}）。请稍后重试，或查看服务器的日志。"
        )
    return StoreError(f"连不上 Neo4j 服务器 {location}（{_brief(error)}）。请检查地址，确认服务器已启动、网络可达。")


def _brief(error: BaseException) -> str:
    said = str(error).strip().splitlines()
    return said[0][:160] if said else type(error).__name__
