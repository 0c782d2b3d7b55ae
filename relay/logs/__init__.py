"""The log branch: records become log events, and each is acknowledged or itemised.

``plan`` decides where every record of a log file goes; ``LogWriter`` sends the events
and returns when CloudWatch Logs has taken each of them, or said why not.
"""

from relay.logs.destination import LogPlan, plan
from relay.logs.writer import LogWriter

__all__ = ["LogPlan", "LogWriter", "plan"]
