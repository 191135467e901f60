"""A real Spark Thrift server with a Hive metastore (Derby), from the Java archives of the `pyspark` wheel."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.sabotage.framework import ROOT

READY_SECONDS: Final = 240
MAIN: Final = "org.apache.spark.sql.hive.thriftserver.HiveThriftServer2"
OPENED: Final = (
    "java.lang", "java.lang.invoke", "java.lang.reflect", "java.io", "java.net", "java.nio", "java.util",
    "java.util.concurrent", "java.util.concurrent.atomic", "jdk.internal.ref", "sun.nio.ch", "sun.nio.cs",
    "sun.security.action", "sun.util.calendar",
)  # fmt: skip
"""What Spark's own start script opens to itself."""


@dataclass(frozen=True)
class Server:
    """A running server: the port it listens on, its process, and where its tables lie."""

    port: int
    process: subprocess.Popen[bytes]
    warehouse: Path

    def address(self, user: str = "writer", database: str = "") -> str:
        """As a setting gives it; with a `database`, of that one alone."""
        return f"hive://{user}@127.0.0.1:{self.port}/{database}"


def spark_home() -> Path:
    """Where `make test-hive` has put Spark."""
    home = ROOT / ".venv" / "hive" / "pyspark"
    if not (home / "jars").is_dir():
        raise RuntimeError("Spark is not installed; run `make test-hive`.")
    if shutil.which("java") is None:
        raise RuntimeError("Java 17 is needed: apt install openjdk-17-jre-headless")
    return home


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def spark_thrift(folder: Path) -> Iterator[Server]:
    """A server whose data lies in `folder`, for the length of the block."""
    port = free_port()
    with (folder / "spark.log").open("wb") as log:
        process = subprocess.Popen(
            _command(folder, port), cwd=folder, stdout=log, stderr=log, env=_environment(folder), start_new_session=True
        )
    try:
        _wait(process, port, folder / "spark.log")
        yield Server(port, process, folder / "warehouse")
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _environment(folder: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "JAVA_HOME", "LANG") if name in os.environ}
    return kept | {"SPARK_HOME": str(spark_home()), "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_LOCAL_DIRS": str(folder)}


def _command(folder: Path, port: int) -> list[str]:
    """Without what costs more than it brings on thousands of tiny statements: compiling, planning anew, syncing.

    One compiler alone would have 48 MB for its code, and Spark generates more than that: then the server ends.
    """
    settings = {
        "spark.ui.enabled": "false",
        "spark.log.level": "WARN",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.sql.catalogImplementation": "hive",
        "spark.sql.shuffle.partitions": "1",
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.hadoop.javax.jdo.option.ConnectionURL": f"jdbc:derby:;databaseName={folder}/metastore;create=true",
    }
    java = [
        "java",
        "-Xmx2g",
        "-XX:TieredStopAtLevel=1",
        "-XX:ReservedCodeCacheSize=240m",
        "--add-modules=jdk.incubator.vector",
    ]
    java += [f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in OPENED]
    java += [
        "-Djdk.reflect.useDirectMethodHandle=false",
        f"-Dderby.system.home={folder}",
        "-Dderby.system.durability=test",
        f"-Djava.io.tmpdir={folder}",
    ]
    submit = ["-cp", f"{spark_home()}/jars/*", "org.apache.spark.deploy.SparkSubmit", "--master", "local[2]"]
    options = [part for name, value in settings.items() for part in ("--conf", f"{name}={value}")]
    hive = {"hive.server2.thrift.port": port, "hive.server2.thrift.bind.host": "127.0.0.1"}
    given = [part for name, value in hive.items() for part in ("--hiveconf", f"{name}={value}")]
    return [*java, *submit, *options, "--class", MAIN, "spark-internal", *given]


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    begins = time.monotonic()
    while time.monotonic() - begins < READY_SECONDS:
        if process.poll() is not None:
            break
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    sys.stderr.write(log.read_text(errors="replace")[-4000:])
    raise RuntimeError("the Spark Thrift server did not start")
