"""A Neo4j server for tests and development: `python -m tests.neo4j_server`, or `make neo4j`.

Looked for in this order: the server that LIANGXIN_TEST_NEO4J names (the suite empties it!); a container, where
Docker runs and has the image; the server's own jars from Maven Central, kept in a cache folder. All but the first
listen on a free loopback port, keep their data in a temporary folder and end with whoever started them.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from neo4j import Driver, GraphDatabase
from neo4j.exceptions import AuthError, ClientError, ServiceUnavailable, SessionExpired

VERSION = "5.26.12"
IMAGES = (f"neo4j:{VERSION}-community", f"neo4j:{VERSION}", "neo4j:5.26-community", "neo4j:5.26", "neo4j:5")
GIVEN = "LIANGXIN_TEST_NEO4J"
USER = "neo4j"
START_WITHIN = 120.0
#: what to do where there is no server to be had
MISSING = (
    "没有 Neo4j 服务器可用，Neo4j 的测试跳过。请安装 Java 17 和 Maven（apt-get install openjdk-17-jre-headless maven），"
    f"或启动 Docker 并备好镜像 {IMAGES[0]}，或用环境变量 {GIVEN} 指明一台服务器。"
)

_POM = f"""<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>liangxin</groupId><artifactId>neo4j-for-tests</artifactId><version>1</version><dependencies>
<dependency><groupId>org.neo4j.app</groupId><artifactId>neo4j-server</artifactId><version>{VERSION}</version></dependency>
<dependency><groupId>org.neo4j</groupId><artifactId>neo4j</artifactId><version>{VERSION}</version></dependency>
</dependencies></project>
"""
_OPENED = ("java.nio", "java.io", "java.lang", "sun.nio.ch", "java.util.concurrent")
#: starts what follows, says its process id, and ends it when its own standard input closes: with whoever started us
_WATCH = '"$@" >/dev/null 2>&1 </dev/null & echo $!; read -r _; kill -9 $! 2>/dev/null; wait'


class NoServerError(Exception):
    """There is no server to be had here; the text says what to install."""


@dataclasses.dataclass
class Server:
    """A server that answers at `url`; `home` is the folder of its data where it is ours."""

    url: str
    user: str
    password: str = dataclasses.field(repr=False)
    home: Path | None = None
    container: str = ""
    #: for a suite: quickly warm rather than quick in the end
    brief: bool = True
    #: of the Java machine, at most
    heap: str = "1g"
    _watcher: subprocess.Popen[str] | None = None
    _pid: int = 0

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which a process of ours uses it as its store."""
        return {
            "LIANGXIN_STORE": self.url,
            "LIANGXIN_NEO4J_USER": self.user,
            "LIANGXIN_NEO4J_PASSWORD": self.password,
        }

    def kill(self) -> None:
        """kill -9; `start` brings it back with its data."""
        if self.container:
            _docker("kill", self.container)
        elif self._watcher is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)
            self._let_go()

    def start(self) -> None:
        """Start it, again or for the first time, and wait until it answers."""
        if self.container:
            _docker("start", self.container)
            self.url = _container_url(self.container)
        elif self.home is not None:
            self._launch(self.home)
        self._wait()

    def stop(self) -> None:
        """End it and drop its data; a server that was given is left as it is."""
        if self.container:
            _docker("rm", "--force", "--volumes", self.container)
        elif self._watcher is not None:
            self._let_go()
        if self.home is not None:
            shutil.rmtree(self.home, ignore_errors=True)

    def _let_go(self) -> None:
        if self._watcher is not None:
            self._watcher.communicate(timeout=60)
            self._watcher = None

    def _launch(self, home: Path) -> None:
        java = [
            "java",
            "-Xms512m",
            f"-Xmx{self.heap}",
            "-XX:+UseSerialGC",
            *(["-XX:TieredStopAtLevel=1"] if self.brief else []),
        ]
        java += [f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in _OPENED]
        java += ["-Dfile.encoding=UTF-8", "-Dio.netty.tryReflectionSetAccessible=true"]
        entry = ["org.neo4j.server.CommunityEntryPoint", f"--home-dir={home}", f"--config-dir={home / 'conf'}"]
        # the class path by a variable: 214 names make a long command line
        self._watcher = subprocess.Popen(
            ["sh", "-c", _WATCH, "sh", *java, *entry],
            env=os.environ | {"CLASSPATH": f"{jars()}/*", "NEO4J_HOME": str(home)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._watcher.stdout is not None
        self._pid = int(self._watcher.stdout.readline())

    def _wait(self) -> None:
        until = time.monotonic() + START_WITHIN
        with self._driver(self.password) as driver:
            while True:
                try:
                    driver.verify_connectivity()
                    return
                except AuthError:
                    self._choose_password()
                except (ServiceUnavailable, SessionExpired, ClientError, OSError):
                    if time.monotonic() > until or (self._watcher and self._watcher.poll() is not None):
                        log = self.home / "logs" / "neo4j.log" if self.home else None
                        said = log.read_text(errors="replace")[-2000:] if log and log.exists() else ""
                        raise NoServerError(f"Neo4j 没有启动起来。{said}") from None
                    time.sleep(0.1)

    def _driver(self, password: str) -> Driver:
        # whoever signed its certificate
        return GraphDatabase.driver(self.url.replace("+s:", "+ssc:"), auth=(self.user, password))

    def _choose_password(self) -> None:
        """Ours in place of the one every new server has: said over the connection, never on a command line."""
        with self._driver("neo4j") as fresh:
            fresh.execute_query(
                "ALTER CURRENT USER SET PASSWORD FROM 'neo4j' TO $new", new=self.password, database_="system"
            )


def cache(name: str = f"neo4j-{VERSION}") -> Path:
    """Where what is fetched for the tests is kept, outside the repository; `make clean` removes it."""
    folder = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(folder).expanduser() / "liangxin" / name


def jars() -> Path:
    """The folder of the server's jars, fetched from Maven Central at first use."""
    target = cache()
    if target.is_dir():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix="fetching-") as folder:
        (Path(folder) / "pom.xml").write_text(_POM, encoding="utf-8")
        fetch = ["mvn", "-q", "-B", "dependency:copy-dependencies", "-DincludeScope=runtime", "-DoutputDirectory=lib"]
        done = subprocess.run(fetch, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        fetched = Path(folder) / "lib"
        if done.returncode or not fetched.is_dir():
            raise NoServerError(f"{MISSING}（Maven 没有取到：{done.stdout.strip()[-300:]}）")
        # another suite may have been quicker: then ours is not needed
        with contextlib.suppress(OSError):
            fetched.rename(target)
    return target


def launch(*, brief: bool = True, heap: str = "1g", settings: Mapping[str, str] | None = None) -> Server:
    """A server that answers, `brief` for a suite; one of its own with `settings` (and `heap`) of its own.

    Raises NoServerError where none can be had.
    """
    password = secrets.token_urlsafe(16)
    own = bool(settings)
    if not own and (given := os.environ.get(GIVEN)):
        user = os.environ.get("LIANGXIN_NEO4J_USER", USER)
        server = Server(given, user, os.environ.get("LIANGXIN_NEO4J_PASSWORD", ""))
        server._wait()
        return server
    for image in IMAGES if not own and shutil.which("docker") else ():
        if not _docker("image", "inspect", image).returncode:
            return _contained(image, password)
    if not (shutil.which("java") and (cache().is_dir() or shutil.which("mvn"))):
        raise NoServerError(MISSING)
    jars()
    home = Path(tempfile.mkdtemp(prefix="liangxin-neo4j-"))
    port = _free_port()
    _configure(home, port, settings or {})
    scheme = "bolt+s" if settings and "server.bolt.tls_level" in settings else "bolt"
    server = Server(f"{scheme}://127.0.0.1:{port}", USER, password, home, brief=brief, heap=heap)
    try:
        server.start()
    except BaseException:
        server.stop()
        raise
    return server


@contextlib.contextmanager
def running(*, brief: bool = True, heap: str = "1g", settings: Mapping[str, str] | None = None) -> Iterator[Server]:
    """A server for the time of the block; see `launch`."""
    server = launch(brief=brief, heap=heap, settings=settings)
    try:
        yield server
    finally:
        server.stop()


def _configure(home: Path, port: int, more: Mapping[str, str]) -> None:
    settings = {
        "server.default_listen_address": "127.0.0.1",
        "server.bolt.listen_address": f"127.0.0.1:{port}",
        "server.bolt.advertised_address": f"127.0.0.1:{port}",
        "server.http.enabled": "false",
        "server.https.enabled": "false",
        "dbms.usage_report.enabled": "false",
        "server.memory.pagecache.size": "128m",
        # plans are kept: every test empties the store, and planning anew takes longer than it
        "dbms.cypher.min_replan_interval": "1h",
        # twenty loads of a test fill the disk with logs that nobody will replay
        "db.tx_log.preallocate": "false",
        "db.tx_log.rotation.size": "16m",
        "db.tx_log.rotation.retention_policy": "keep_none",
        "dbms.security.auth_minimum_password_length": "8",
        **more,
    }
    (home / "conf").mkdir(parents=True)
    lines = [f"{name}={value}" for name, value in settings.items()]
    (home / "conf" / "neo4j.conf").write_text("\n".join(lines), encoding="utf-8")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _docker(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["docker", *words], env=os.environ | more, capture_output=True, text=True, check=False, timeout=60
    )


def _contained(image: str, password: str) -> Server:
    options = [
        "--detach",
        "--publish",
        "127.0.0.1::7687",
        "--env",
        "NEO4J_AUTH",
        "--env",
        "NEO4J_server_memory_heap_max__size=1g",
    ]
    started = _docker("run", *options, image, NEO4J_AUTH=f"{USER}/{password}")
    if started.returncode:
        raise NoServerError(f"{MISSING}（Docker 没有启动 {image}：{started.stderr.strip()[-300:]}）")
    container = started.stdout.strip()
    server = Server(_container_url(container), USER, password, container=container)
    server._wait()
    return server


def _container_url(container: str) -> str:
    shown = _docker("port", container, "7687").stdout.split()
    return f"bolt://{shown[0]}"


def main() -> None:
    """Start one, print its address and how to use it, and wait to be interrupted."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt), running(brief=False) as server:
        print(f"Neo4j {VERSION} 已启动：{server.url}（数据是临时的，按 Ctrl+C 结束）。在另一个终端中使用：\n")
        for name, value in server.environment.items():
            print(f"export {name}={value}")
        print("\n随后 liangxin load、ask、report、serve 都用这台服务器；不想用时 unset LIANGXIN_STORE。", flush=True)
        signal.pause()


if __name__ == "__main__":
    try:
        main()
    except NoServerError as error:
        raise SystemExit(str(error)) from None
