import numpy as np
import pytest

from stylecam.core.mix import StyleMix
from stylecam.errors import UsageError

STYLES = ("starry_night", "great_wave", "senecio")


def test_parse_reads_names_and_weights_in_order() -> None:
    """A mix is written as names with weights; blanks do not matter and the order is kept."""
    assert list(StyleMix.parse(" great_wave = 0.3 ,starry_night=0.7")) == [("great_wave", 0.3), ("starry_night", 0.7)]


def test_parse_gives_a_bare_name_weight_one() -> None:
    """A single style needs no weight."""
    assert StyleMix.parse("senecio").weights == {"senecio": 1.0}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "without a name"),
        ("=0.5", "without a name"),
        ("senecio,", "without a name"),
        ("senecio=much", "'much'"),
        ("senecio=", "is not a number"),
        ("senecio=0.5,senecio=0.1", "twice"),
        ("senecio=nan", "finite"),
        ("senecio=inf", "finite"),
        ("senecio=1e39", "finite number of common size"),
    ],
)
def test_parse_refuses_what_is_no_mix(text: str, words: str) -> None:
    """A slip in the mix is reported in a sentence that names it."""
    with pytest.raises(UsageError, match=words):
        StyleMix.parse(text)


def test_text_can_be_parsed_again() -> None:
    """What a mix prints is what `parse` reads."""
    mix = StyleMix({"starry_night": 0.25, "senecio": -1.5})
    assert StyleMix.parse(str(mix)) == mix


def test_vector_is_normalised_in_the_order_of_the_styles() -> None:
    """Weights are scaled to sum to 1; styles that are not named weigh nothing."""
    np.testing.assert_allclose(StyleMix.parse("great_wave=1,starry_night=3").vector(STYLES), [0.75, 0.25, 0.0])


def test_raw_vector_keeps_the_weights() -> None:
    """With `raw` the weights stay as written, negative ones too."""
    np.testing.assert_allclose(StyleMix.parse("great_wave=-1,starry_night=3").vector(STYLES, raw=True), [3.0, -1.0, 0.0])


def test_silent_mix_is_a_vector_of_zeros() -> None:
    """All weights zero cannot be normalised and need not be: the vector is zero and the mix says that it is silent."""
    mix = StyleMix.parse("great_wave=0,senecio=0")
    assert mix.is_silent
    assert not mix.vector(STYLES).any()


def test_weights_that_cancel_out_are_refused_unless_raw() -> None:
    """A sum of zero cannot be scaled to 1; the sentence offers --raw, with which it works."""
    mix = StyleMix.parse("great_wave=1,senecio=-1")
    assert not mix.is_silent
    with pytest.raises(UsageError, match="--raw"):
        mix.vector(STYLES)
    np.testing.assert_allclose(mix.vector(STYLES, raw=True), [0.0, 1.0, -1.0])


@pytest.mark.parametrize("weight", [1e-320, 1e-45, 1e-8, 1e6])
def test_weights_of_every_size_are_normalised(weight: float) -> None:
    """A weight too small for single precision, as a hand-written mix may have, does not vanish into a division of zero by zero."""
    mix = StyleMix({"senecio": weight, "great_wave": weight})
    np.testing.assert_allclose(mix.vector(STYLES), [0.0, 0.5, 0.5])


def test_unknown_style_is_refused_with_a_suggestion() -> None:
    """A misspelt style is answered with the one that was probably meant."""
    with pytest.raises(UsageError, match="Did you mean starry_night"):
        StyleMix.parse("stary_nihgt").vector(STYLES)


def test_mix_does_not_change_with_the_mapping_it_was_made_from() -> None:
    """A mix is a frozen value."""
    weights = {"senecio": 1.0}
    mix = StyleMix(weights)
    weights["senecio"] = 0.0
    assert mix.weights == {"senecio": 1.0}
