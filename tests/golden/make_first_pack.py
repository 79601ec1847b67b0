"""Made first_pack.stylepack, once, with stylecam 0.1.0. Never run it again: old packs must go on loading."""

from pathlib import Path

from stylecam.packs.store import save_pack
from tests.fakes import tiny_pack

if __name__ == "__main__":
    save_pack(tiny_pack(("starry_night", "great_wave"), identity=True, seed=32), Path(__file__).with_name("first_pack.stylepack"))
