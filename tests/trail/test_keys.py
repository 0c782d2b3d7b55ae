"""Object keys: the forms that CloudTrail writes, and those of others."""

import pytest

from relay.model import FileKind, LogFileKey
from relay.trail.keys import parse_key

_DAY = "2026/09/14"


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("CloudTrail", FileKind.EVENTS),
        ("CloudTrail-Insight", FileKind.INSIGHT),
        ("CloudTrail-NetworkActivity", FileKind.NETWORK_ACTIVITY),
        ("CloudTrail-Aggregated", FileKind.AGGREGATED),
        ("CloudTrail-Digest", FileKind.DIGEST),
    ],
)
def test_the_folder_tells_the_kind(folder: str, kind: FileKind) -> None:
    """Account, region and kind are read from the folders of the usual layout."""
    key = (
        f"AWSLogs/111122223333/{folder}/eu-west-1/{_DAY}/"
        f"111122223333_{folder}_eu-west-1_20260914T0542Z_Mu0KsOhtH1ar15ZZ.json.gz"
    )

    assert parse_key(key) == LogFileKey(
        kind=kind, account="111122223333", region="eu-west-1"
    )


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        pytest.param(
            f"AWSLogs/o-abcdefghij/111122223333/CloudTrail/us-east-1/{_DAY}/f.json.gz",
            LogFileKey(
                kind=FileKind.EVENTS,
                account="111122223333",
                region="us-east-1",
                organization="o-abcdefghij",
            ),
            id="organization",
        ),
        pytest.param(
            f"audit/all/AWSLogs/111122223333/CloudTrail/us-east-1/{_DAY}/f.json.gz",
            LogFileKey(
                kind=FileKind.EVENTS,
                account="111122223333",
                region="us-east-1",
                prefix="audit/all",
            ),
            id="prefix",
        ),
        pytest.param(
            f"AWSLogs/AWSLogs/111122223333/CloudTrail/us-east-1/{_DAY}/f.json.gz",
            LogFileKey(
                kind=FileKind.EVENTS,
                account="111122223333",
                region="us-east-1",
                prefix="AWSLogs",
            ),
            id="prefix-that-is-called-AWSLogs",
        ),
        pytest.param(
            f"a b\n/AWSLogs/111122223333/CloudTrail/us-gov-west-1/{_DAY}/"
            "111122223333_CloudTrail_us-gov-west-1_20140620T1255ZHdkvFTXOA3Vnhbc.json.gz",
            LogFileKey(
                kind=FileKind.EVENTS,
                account="111122223333",
                region="us-gov-west-1",
                prefix="a b\n",
            ),
            id="old-file-name-and-odd-prefix",
        ),
        pytest.param(
            "AWSLogs/111122223333/CloudTrail/us-east-1/renamed.json",
            LogFileKey(
                kind=FileKind.EVENTS, account="111122223333", region="us-east-1"
            ),
            id="without-date-folders",
        ),
        pytest.param(
            "111122223333_CloudTrail_us-east-2_20260914T0210Z_Mu0KsOhtH1ar15ZZ.json.gz",
            LogFileKey(
                kind=FileKind.EVENTS, account="111122223333", region="us-east-2"
            ),
            id="flat",
        ),
        pytest.param(
            "restored/111122223333_CloudTrail-Digest_us-east-2_t_us-east-2_2.json.gz",
            LogFileKey(
                kind=FileKind.DIGEST,
                account="111122223333",
                region="us-east-2",
                prefix="restored",
            ),
            id="flat-in-a-folder",
        ),
        pytest.param(
            "p/AWSLogs/111122223333/CloudTrail/",
            LogFileKey(
                kind=FileKind.MARKER, account="111122223333", region="", prefix="p"
            ),
            id="marker",
        ),
        pytest.param(
            "AWSLogs/o-abcdefghij/111122223333/CloudTrail-Digest/",
            LogFileKey(
                kind=FileKind.MARKER,
                account="111122223333",
                region="",
                organization="o-abcdefghij",
            ),
            id="marker-of-digests",
        ),
        pytest.param(
            f"AWSLogs/111122223333/CloudTrail/us-east-1/{_DAY}/",
            LogFileKey(kind=FileKind.MARKER, account="111122223333", region=""),
            id="folder-of-a-day",
        ),
    ],
)
def test_every_layout_is_understood(key: str, expected: LogFileKey) -> None:
    """Prefixes, organizations, old and moved files, and markers are told apart."""
    assert parse_key(key) == expected


@pytest.mark.parametrize(
    "key",
    [
        "",
        "/",
        "backup/",
        "AWSLogs/111122223333/Config/",
        f"AWSLogs/111122223333/Config/us-east-1/{_DAY}/ConfigHistory/f.json.gz",
        f"AWSLogs/111122223333/elasticloadbalancing/us-east-1/{_DAY}/f.log",
        "111122223333_elasticloadbalancing_us-east-1_app.log.gz",
        f"AWSLogs/111122223333/CloudTrail-Future/us-east-1/{_DAY}/f.json.gz",
        f"AWSLogs/11112222333/CloudTrail/us-east-1/{_DAY}/f.json.gz",
        "AWSLogs/111122223333/CloudTrail/f.json.gz",
        "1111222233334_CloudTrail_us-east-2_x.json.gz",
    ],
)
def test_other_objects_are_not_cloudtrails(key: str) -> None:
    """A key of another service, or of a kind not known yet, is not taken for a log."""
    assert parse_key(key) is None
