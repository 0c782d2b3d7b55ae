"""Which series of CloudWatch the matches of a published metric filter belong to."""

from relay.config.rules import MetricFilter
from relay.model import MetricSeries
from relay.rules.reading import Tokens, dimension_readers
from relay.rules.system import Origin
from relay.rules.values import text_of
from relay.trail.projection import Projection


class PublishedSeries:
    """The series of one metric filter, one for all values of its dimensions."""

    def __init__(
        self, metric_filter: MetricFilter, projection: Projection, log_group: str
    ) -> None:
        self._readers = dimension_readers(metric_filter, projection, log_group)
        self._namespace = metric_filter.metric.namespace
        self._name = metric_filter.metric.name
        self._unit = metric_filter.unit
        self.plain = self._series(())
        """The series without dimensions: of defaults, and where one is missing."""

    def of_match(self, fields: object, tokens: Tokens, origin: Origin) -> MetricSeries:
        """Return the series of a record that matches.

        A record lacking one of the dimensions counts in the series without any, as in
        CloudWatch.
        """
        if not self._readers:
            return self.plain
        dimensions: list[tuple[str, str]] = []
        for name, read in self._readers:
            text = text_of(read(fields, tokens, origin))
            if not text:
                return self.plain
            dimensions.append((name, text))
        return self._series(tuple(dimensions))

    def _series(self, dimensions: tuple[tuple[str, str], ...]) -> MetricSeries:
        return MetricSeries(
            namespace=self._namespace,
            name=self._name,
            unit=self._unit,
            dimensions=dimensions,
        )
