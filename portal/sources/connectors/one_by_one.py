"""What a connector does dataset by dataset that has no quicker way."""

from collections.abc import Callable, Iterable, Iterator

from portal.sources.connectors.base import ConnectorError, Count, Target


def each_count(
    count: Callable[[Target], Count], targets: Iterable[Target]
) -> Iterator[tuple[Target, Count | ConnectorError]]:
    """`counts` by asking one after the other, for stores that have no quicker way."""
    for target in targets:
        try:
            yield target, count(target)
        except ConnectorError as error:
            yield target, error
