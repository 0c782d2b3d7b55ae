"""One real daemon process, end to end, against a fake AWS on the other core (Linux).

Everything is real but AWS: SQS long polls, GetObject, the state store on disk, the
repository's rules, PutLogEvents over HTTP. What is measured lies between the first
ReceiveMessage and the last DeleteMessage.
"""

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from benchmarks.material import BUCKET, RECORD_BYTES, RECORDS_PER_OBJECT
from benchmarks.rules import RULE_FILES
from relay.demo.emulator import demo_environment
from relay.demo.process import free_port

_TIMEOUT_SECS = 300
_LOOK_SECS = 0.5


def main(*, objects: int = 200, records: int = RECORDS_PER_OBJECT) -> None:
    """Relay ``objects`` log files of ``records``; print the rate and who was busy."""
    print(
        f"throughput: {objects} objects of {records} records, {RECORD_BYTES} bytes each"
    )
    cores = sorted(os.sched_getaffinity(0))
    with TemporaryDirectory() as name:
        directory, port = Path(name), free_port()
        fake = [sys.executable, "-m", "benchmarks.fake_aws", "--port", str(port)]
        fake += ["--objects", str(objects), "--records", str(records)]
        config = _write_config(directory, port)
        daemon = [sys.executable, "-m", "relay", "run", "--config", str(config)]
        with _running(fake, core=cores[-1]) as aws:
            assert aws.stdout is not None
            aws.stdout.readline()
            log = directory / "relay.log"
            with _running(daemon, core=cores[0], log=log) as relay:
                _line(aws, relay, log)
                began_secs = _cpu_secs(relay.pid)
                line = _line(aws, relay, log)
                busy_secs = _cpu_secs(relay.pid) - began_secs
        found = json.loads(line)
        _report(found, objects=objects, busy_secs=busy_secs, cores=cores)
        if found["log_events"] != objects * records:
            print(f"  WRONG: {found['log_events']:.0f} log events, not all records")


def _report(
    found: dict[str, float], *, objects: int, busy_secs: float, cores: list[int]
) -> None:
    secs = found["secs"]
    rate = found["log_events"] / secs
    print(f"  {rate:,.0f} records/s, {objects / secs:,.0f} objects/s ({secs:.2f} s)")
    print(f"  {found['log_bytes'] / secs / 1e6:.1f} MB/s in {found['puts']:.0f} puts")
    print(
        f"  busy: relay {busy_secs / secs:.0%} of its core, "
        f"the fake {found['cpu_secs'] / secs:.0%} of its own"
    )
    if len(cores) == 1:
        print("  one core for both: the number is that of the pair")


def _write_config(directory: Path, port: int) -> Path:
    url = f"http://127.0.0.1:{port}"
    config = {
        "aws": {"region": "eu-west-1", "endpoint_url": url},
        "source": {
            "queue_url": f"{url}/123456789012/relay",
            "buckets": [BUCKET],
        },
        "logs": {"group": "/relay/cloudtrail"},
        "rules": [str(RULE_FILES)],
        "state": {"url": f"sqlite://{directory / 'state.db'}"},
        "telemetry": {"listen": "127.0.0.1:0"},
    }
    path = directory / "relay.yaml"
    path.write_text(yaml.safe_dump(config))
    return path


@contextmanager
def _running(
    command: list[str], *, core: int, log: Path | None = None
) -> Iterator[subprocess.Popen[str]]:
    """Run ``command`` on one core for the length of the block."""
    with open(log or os.devnull, "w") as errors:
        process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE if log is None else errors,
            stderr=None if log is None else errors,
            text=True,
            env=demo_environment(os.environ),
        )
        os.sched_setaffinity(process.pid, {core})
        try:
            yield process
        finally:
            process.terminate()
            process.wait(timeout=60)
            if process.stdout is not None:
                process.stdout.close()


def _line(aws: subprocess.Popen[str], relay: subprocess.Popen[str], log: Path) -> str:
    """Return the next line that the fake prints.

    Raises SystemExit, with the end of the daemon's log, when the daemon ends before.
    """
    assert aws.stdout is not None
    deadline = time.monotonic() + _TIMEOUT_SECS
    while relay.poll() is None and time.monotonic() < deadline:
        readable, _, _ = select.select([aws.stdout], [], [], _LOOK_SECS)
        if readable:
            return aws.stdout.readline()
    raise SystemExit(f"relay did not finish:\n{log.read_text()[-3000:]}")


def _cpu_secs(pid: int) -> float:
    """Return the CPU time of a process so far (Linux only, else 0)."""
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists():
        return 0.0
    user, system = stat.read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
