"""How keys are cut, and what waits for what: an identifier may cross any number of borders."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from collector.redaction import KeyEvent
from collector.segments import HOLD_MS, REACH, Segment, Segmenter, Terms
from wire.documents import Kind

BEGIN = 1_800_000_000_000
TERMS = Terms("p", 1, UUID(int=1), BEGIN + 3_600_000, UUID(int=2), b"", frozenset({"bank", "card"}), 4)
SECRETS = ["DE89 3704 0044 0532 0130 00", "4111 1111 1111 1111"]


class Typist:
    """Types into one context and knows what time it is."""

    def __init__(self, longest_ms: int = 60_000) -> None:
        self.given: list[Segment] = []
        self.segmenter = Segmenter(self.given.append, longest_ms)
        self.now = BEGIN

    def type(self, text: str, every: int = 200) -> None:
        """One key after the other."""
        for character in text:
            self.now += every
            self.segmenter.due(self.now)
            fresh = Segment(Kind.KEY, "mail", TERMS, self.now)
            self.segmenter.add(fresh, self.now, KeyEvent(self.now, "char", character))

    def look_elsewhere(self, ms: int) -> None:
        """Another window for so long: what is open here closes."""
        self.segmenter.leave("other", self.now)
        self.now += ms
        self.segmenter.due(self.now)

    @property
    def text(self) -> str:
        """What was given on."""
        return "".join(event.text for segment in self.given for _, event in segment.items)


@given(
    secret=st.sampled_from(SECRETS),
    looks=st.dictionaries(st.integers(0, 26), st.integers(0, HOLD_MS - 1_000)),
    every=st.integers(50, 900),
    longest=st.integers(20_000, 60_000),
)
def test_an_identifier_is_redacted_across_any_number_of_borders(
    secret: str, looks: dict[int, int], every: int, longest: int
) -> None:
    typist = Typist(longest)
    typist.type("to ")
    for position, character in enumerate(secret):
        if position in looks:
            typist.look_elsewhere(looks[position])
        typist.type(character, every)
    typist.type(" please")
    typist.segmenter.flush(typist.now)
    assert typist.text.split() == ["to", "please"]


def test_keys_do_not_wait_for_more_than_an_identifier_can_have() -> None:
    typist = Typist()
    typist.type("first ")
    typist.look_elsewhere(1_000)
    for _ in range(REACH):
        assert typist.given == []
        typist.type("x")
        typist.look_elsewhere(1_000)
    assert typist.text == "first "


def test_keys_that_nothing_follows_wait_no_longer_than_the_hold() -> None:
    typist = Typist()
    for part in ("one ", "two ", "three"):
        typist.type(part)
        typist.look_elsewhere(HOLD_MS - 1_000)
    assert typist.given == []
    typist.look_elsewhere(1_000)
    assert typist.text == "one two three"
