import argparse
import logging
import os
import sys
from collections.abc import Callable

import pytest

from stylecam import __version__, cli
from stylecam.errors import EngineError, InputError, OutputError, PackError, StylecamError, TrainingError, UsageError


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[argparse.Namespace], int]], None]:
    """Return a function that makes `stylecam still …` run something else."""

    def replace(run: Callable[[argparse.Namespace], int]) -> None:
        from stylecam.cli import still

        monkeypatch.setattr(still, "run", run)

    return replace


STILL = ["still", "a.png", "-o", "b.png"]


def _raising(error: BaseException) -> Callable[[argparse.Namespace], int]:
    def run(args: argparse.Namespace) -> int:
        raise error

    return run


@pytest.mark.parametrize(
    ("kind", "code"),
    [(StylecamError, 1), (UsageError, 2), (PackError, 3), (InputError, 4), (OutputError, 5), (EngineError, 6), (TrainingError, 7)],
)
def test_errors_are_one_sentence_and_a_code(
    command: Callable[..., None], capsys: pytest.CaptureFixture[str], kind: type[StylecamError], code: int
) -> None:
    """Every kind of failure has its own exit code; the user sees its sentence on stderr and nothing else."""
    command(_raising(kind("This went wrong; do that.")))
    assert cli.main(STILL) == code
    assert capsys.readouterr() == ("", "stylecam: This went wrong; do that.\n")


def test_ctrl_c_stops_with_130(command: Callable[..., None], capsys: pytest.CaptureFixture[str]) -> None:
    """Ctrl-C ends the program with the shells' code for it and without a traceback."""
    command(_raising(KeyboardInterrupt()))
    assert cli.main(STILL) == 130
    assert capsys.readouterr().err == "stylecam: stopped.\n"


def test_fault_of_the_program_is_admitted(command: Callable[..., None], capsys: pytest.CaptureFixture[str]) -> None:
    """An error that nobody foresaw is one line that says so, with a code of its own; --verbose shows where it happened."""
    command(_raising(ZeroDivisionError("by\nzero")))
    assert cli.main(STILL) == 70
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "fault in stylecam: ZeroDivisionError: by zero. Run it again with --verbose" in err
    assert cli.main(["--verbose", *STILL]) == 70
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError("[enforce fail at alloc_cpu.cpp:126] DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes"),
        RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB"),
        RuntimeError("Storage size calculation overflowed with sizes=[1, 2]"),
    ],
    ids=["python", "torch", "a GPU", "a size that no machine has"],
)
def test_too_little_memory_is_no_fault_of_the_program(
    command: Callable[..., None], capsys: pytest.CaptureFixture[str], error: Exception
) -> None:
    """When the memory runs out, the sentence says what helps."""
    command(_raising(error))
    assert cli.main(STILL) == 1
    assert "--size" in capsys.readouterr().err


def test_reader_that_goes_away_is_no_error(command: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    """`stylecam … | head` ends quietly."""
    replaced: list[int] = []
    monkeypatch.setattr(os, "dup2", lambda source, target: replaced.append(target))
    monkeypatch.setattr(sys, "stdout", open(os.devnull, "w"))  # noqa: SIM115, PTH123  (closed below)
    command(_raising(BrokenPipeError()))
    assert cli.main(STILL) == 0
    assert replaced == [sys.stdout.fileno()]
    sys.stdout.close()


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["stil"], "Did you mean still?"),
        (["still", "a.png"], "required: -o/--output"),
        (["still", "a.png", "-o", "b.png", "--nonsense"], "--nonsense"),
        (["still", "a.png", "-o", "b.png", "--forc"], "--forc"),
        (["still", "a.png", "-o", "b.png", "--style", "x", "--all"], "not allowed with"),
    ],
)
def test_wrong_usage_is_one_sentence(capsys: pytest.CaptureFixture[str], argv: list[str], words: str) -> None:
    """Unknown commands and options, abbreviated ones too, end with code 2, one line, and where to read on."""
    assert cli.main(argv) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert words in err
    assert "--help`" in err


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["still", "a.png", "-o", "b.png", "--style", "x", "--size=--"], "'--size=--' gives the option no value"),
        (["still", "", "-o", "out/", "--style", "starry_night"], "is empty"),
        (["video", "a.mp4", "-o", "", "--style", "starry_night"], "is empty"),
        (["pack", "install", ""], "the name is empty"),
        (["train", "collect", "-o", ""], "the name is empty"),
        (["texture", "quilt", "a.png", "-o", "b.png", "--size", "9" * 5000], "is no size"),
        (["train", "texture", "a.png", "-o", "b.safetensors", "--seed", "-1"], "'-1' is no seed"),
        (["see", "a.png", "-o", "b.png", "--seed", str(2**63)], "is no seed"),
        (
            ["video", "a.mp4", "-o", "b.mp4", "--method", "optimization", "--style-image", "c.png", "--first-iterations", "0"],
            "--first-iter",
        ),
    ],
    ids=["two dashes", "input", "output", "pack", "folder", "many digits", "seed below zero", "seed beyond all", "no iteration"],
)
def test_values_that_scripts_give_by_mistake(capsys: pytest.CaptureFixture[str], argv: list[str], words: str) -> None:
    """An empty name, as of a variable that was never set, is not the current folder; nothing of the kind is a fault of the program."""
    assert cli.main(argv) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert words in err


def test_an_empty_name_is_no_pack(capsys: pytest.CaptureFixture[str]) -> None:
    """It is not the current folder, whatever that holds."""
    assert cli.main(["pack", "info", ""]) == 3
    assert "There is no style pack ''" in capsys.readouterr().err


def test_a_value_that_is_no_number_is_refused_with_the_range(capsys: pytest.CaptureFixture[str]) -> None:
    """An option that is declared with its bounds says them, instead of pointing to the help."""
    assert cli.main(["still", "a.png", "-o", "b.png", "--strength", "much"]) == 2
    assert capsys.readouterr().err == "stylecam: --strength much is out of range; give a number from 0 to 1.\n"


def test_verbose_works_before_and_behind_the_command(command: Callable[..., None]) -> None:
    """-v belongs to the program, wherever it stands, and sets the level of the log."""
    levels: list[int] = []

    def run(args: argparse.Namespace) -> int:
        levels.append(logging.getLogger("stylecam").level)
        return 0

    command(run)
    for argv in (STILL, ["-v", *STILL], [*STILL, "-v"], [*STILL, "-vv"]):
        assert cli.main(argv) == 0
    assert levels == [logging.WARNING, logging.INFO, logging.INFO, logging.DEBUG]


def test_exit_code_is_the_commands(command: Callable[..., None]) -> None:
    """What a command returns is the program's exit code."""
    command(lambda args: 4)
    assert cli.main(STILL) == 4


@pytest.mark.parametrize("command_name", [None, *cli.COMMANDS])
def test_every_command_explains_itself(capsys: pytest.CaptureFixture[str], command_name: str | None) -> None:
    """--help lists the commands, and each command's --help is there."""
    with pytest.raises(SystemExit) as stopped:
        cli.main([command_name, "--help"] if command_name else ["--help"])
    assert stopped.value.code == 0
    out = capsys.readouterr().out
    assert all(name in out for name in ([command_name] if command_name else cli.COMMANDS))


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    """--version prints the package's version."""
    with pytest.raises(SystemExit):
        cli.main(["--version"])
    assert capsys.readouterr().out == f"stylecam {__version__}\n"
