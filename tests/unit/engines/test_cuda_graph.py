"""What decides when to record a CUDA graph, replay it, drop it, or do without; a fake on the processor stands in for the recording."""

import weakref

import numpy as np
import pytest
import torch

from stylecam.engines.base import MEASURE
from stylecam.engines.compiled import KEPT_SIZES
from stylecam.engines.runtimes import torch as torch_runtime
from stylecam.engines.runtimes.cuda_graph import EAGER_CALLS, GraphRunner, Recording
from stylecam.engines.runtimes.torch import TorchEngine
from stylecam.errors import EngineError
from tests.unit.engines.nets import make_pack, make_photo

CPU = torch.device("cpu")


class FakeCapture:
    """Records as CUDA does: replaying computes from what the same tensors hold by then, into the same output."""

    def __init__(self, fails="", replay_fails=""):
        self.captured, self.replayed = 0, 0
        self.fails, self.replay_fails = fails, replay_fails

    def __call__(self, work):
        """Record `work`."""
        if self.fails:
            raise RuntimeError(self.fails)
        self.captured += 1
        output = work()

        def replay():
            if self.replay_fails:
                raise RuntimeError(self.replay_fails)
            self.replayed += 1
            output.copy_(work())

        return Recording(replay, output)


class Doubling:
    """A network that doubles an image and adds a number, and counts how often it is called."""

    def __init__(self):
        self.calls = 0

    def __call__(self, picture, number):
        """Run."""
        self.calls += 1
        return picture * 2 + number


def arrays(height, value=1.0):
    """Return an image of this height and a number."""
    return np.full((height, 2), value, np.float32), np.array([value], np.float32)


def test_a_size_is_recorded_when_it_keeps_coming():
    """The first calls run kernel by kernel, the next one records, all further ones only replay; each gives its own result."""
    capture, forward = FakeCapture(), Doubling()
    run = GraphRunner(forward, CPU, capture)
    counts = []
    for value in range(1, EAGER_CALLS + 4):
        np.testing.assert_array_equal(run(*arrays(4, value)), np.full((4, 2), 3 * value, np.float32))
        counts.append((capture.captured, capture.replayed))
    assert counts == [(0, 0)] * EAGER_CALLS + [(1, 1), (1, 2), (1, 3)]
    assert run.trouble == ""


def test_results_belong_to_the_caller():
    """A replay does not overwrite what earlier ones returned, and neither keeps nor changes its input, read-only or flipped."""
    run = GraphRunner(Doubling(), CPU, FakeCapture())
    photo, number = np.arange(8, dtype=np.float32).reshape(4, 2), np.zeros(1, np.float32)
    photo.flags.writeable = False
    for _ in range(EAGER_CALLS + 1):
        first = run(photo, number)
    second = run(photo[::-1, ::-1], number)
    np.testing.assert_array_equal(first, photo * 2)
    np.testing.assert_array_equal(second, photo[::-1, ::-1] * 2)


def test_the_size_that_was_used_longest_ago_is_dropped():
    """A few sizes stay recorded; one more drops the oldest, which has to earn its recording again."""
    capture = FakeCapture()
    run = GraphRunner(Doubling(), CPU, capture)

    def keep_coming(height):
        for _ in range(EAGER_CALLS + 1):
            run(*arrays(height))
        return capture.captured

    assert [keep_coming(height) for height in range(1, KEPT_SIZES + 1)] == list(range(1, KEPT_SIZES + 1))
    run(*arrays(1))
    assert keep_coming(KEPT_SIZES + 1) == KEPT_SIZES + 1  # drops size 2
    assert keep_coming(1) == KEPT_SIZES + 1
    assert keep_coming(2) == KEPT_SIZES + 2


def test_memory_is_given_back_before_it_is_needed():
    """The oldest recording is gone by the time that a new one begins, and `close` leaves none."""
    living, most = weakref.WeakSet(), []

    def capture(work):
        output = work()

        def replay():
            pass

        living.add(replay)
        most.append(len(living))
        return Recording(replay, output)

    run = GraphRunner(Doubling(), CPU, capture)
    for height in range(1, KEPT_SIZES + 3):
        for _ in range(EAGER_CALLS + 1):
            run(*arrays(height))
    assert most == [*range(1, KEPT_SIZES + 1), KEPT_SIZES, KEPT_SIZES]
    run.close()
    assert not living


@pytest.mark.parametrize("capture", [FakeCapture(fails="not permitted\nCompile with"), FakeCapture(replay_fails="not permitted")])
def test_a_failed_recording_is_the_last(capture, caplog):
    """Whether recording or replaying fails, this frame and all others come kernel by kernel; it is said once, in one line."""
    forward = Doubling()
    run = GraphRunner(forward, CPU, capture)
    for value in range(1, 3 * EAGER_CALLS):
        np.testing.assert_array_equal(run(*arrays(4, value)), np.full((4, 2), 3 * value, np.float32))
    assert run.trouble == "torch runs without CUDA graphs, which is slower, because recording one failed (not permitted)."
    assert caplog.messages == [run.trouble]
    assert capture.replayed == 0
    assert capture.captured <= 1


def test_an_error_without_words_is_named_by_its_kind(caplog):
    """An empty message leaves the error's type."""

    def capture(work):
        raise torch.OutOfMemoryError

    run = GraphRunner(Doubling(), CPU, capture)
    for _ in range(EAGER_CALLS + 1):
        run(*arrays(4))
    assert "(OutOfMemoryError)" in run.trouble
    assert caplog.messages == [run.trouble]


@pytest.fixture
def pack():
    """Return a small pack."""
    return make_pack()


def recording_engine(pack, capture):
    """Return the torch engine on the processor, recording as it does on CUDA."""
    engine = TorchEngine(pack.config, pack.tensors, device="cpu")
    engine._graphs = GraphRunner(engine._stylize_plainly, CPU, capture)
    return engine


@pytest.mark.parametrize("size", [(24, 32), (21, 30)])
def test_the_engine_stylizes_the_same_from_a_recording(pack, size):
    """Photo and style are inputs of the recording: other ones give other images, the same as without, also for padded sizes."""
    capture, plain = FakeCapture(), TorchEngine(pack.config, pack.tensors, device="cpu")
    engine = recording_engine(pack, capture)
    for number in range(EAGER_CALLS + 3):
        photo, row = make_photo(*size, seed=number), pack.rows[number % 3]
        painting, stats = engine.stylize(photo, row)
        assert np.array_equal(painting, plain.stylize(photo, row)[0])
        assert painting.flags.c_contiguous
        assert stats is None
    assert (capture.captured, capture.replayed) == (1, 3)
    assert engine.note == ""


def test_maps_and_statistics_are_never_recorded(pack):
    """They come and go with the user's hand, and run kernel by kernel."""
    capture, photo = FakeCapture(), make_photo(24, 32)
    engine = recording_engine(pack, capture)
    for _ in range(EAGER_CALLS + 2):
        _, stats = engine.stylize(photo, pack.rows[0], stats=MEASURE)
        engine.stylize(photo, pack.rows[0], stats=stats)
        engine.stylize(photo, pack.rows[:1], maps=np.ones((1, 4, 4), np.float32))
    assert capture.captured == 0


def test_the_engine_notes_a_failed_recording(pack, caplog):
    """The video goes on, and the sentence stands in the engine's note."""
    engine, photo = recording_engine(pack, FakeCapture(fails="driver too old")), make_photo(24, 32)
    paintings = [engine.stylize(photo, pack.rows[0])[0] for _ in range(EAGER_CALLS + 2)]
    assert all(np.array_equal(paintings[0], each) for each in paintings)
    assert "driver too old" in engine.note
    assert caplog.messages == [engine.note]


def test_out_of_memory_without_a_recording_too_is_an_error(pack, monkeypatch, caplog):
    """If recording runs out of memory, and then the frame does, the frame is one EngineError with its size."""
    engine, photo = recording_engine(pack, FakeCapture(fails="out of memory")), make_photo(24, 32)
    for _ in range(EAGER_CALLS):
        engine.stylize(photo, pack.rows[0])

    def fail(*_):
        raise torch.OutOfMemoryError("out of memory")

    monkeypatch.setattr(torch_runtime, "execute", fail)
    with pytest.raises(EngineError, match=r"torch failed on an image of 32x24 pixels on CPU \(out of memory\)"):
        engine.stylize(photo, pack.rows[0])
    assert caplog.messages == [engine._graphs.trouble]
