"""The emulator's surroundings: nothing of the user's own account gets in."""

from relay.demo.emulator import demo_environment, missing_packages


def test_aws_settings_of_the_user_are_left_out() -> None:
    """Profiles, tokens and endpoints do not reach a child; everything else does."""
    environment = {
        "AWS_PROFILE": "production",
        "AWS_SESSION_TOKEN": "secret",
        "BOTO_CONFIG": "/home/user/.boto",
        "PATH": "/bin",
    }

    child = demo_environment(environment)

    assert child["PATH"] == "/bin"
    assert child["AWS_ACCESS_KEY_ID"] == "demo"
    assert child["AWS_CONFIG_FILE"] == "/dev/null"
    assert child.keys().isdisjoint({"AWS_PROFILE", "AWS_SESSION_TOKEN", "BOTO_CONFIG"})


def test_demo_extra_is_there() -> None:
    """The development environment has what the demo needs; what is not is named."""
    assert missing_packages() == ()
    assert missing_packages(("aiosmtpd", "no_such_thing")) == ("no_such_thing",)
