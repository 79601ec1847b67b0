import io
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageCms

from stylecam.errors import InputError, OutputError
from stylecam.media import images as images_module
from stylecam.media.formats import IMAGES_WRITTEN
from stylecam.media.images import ImageFile, encode_image, read_image, read_srgb, write_image
from tests.fakes import gradient

PHOTO = gradient(24, 32)
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def _file(image: Image.Image, form: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def _exif(**tags: object) -> Image.Exif:
    exif = Image.Exif()
    for name, value in tags.items():
        exif[ExifTags.Base[name]] = value
    return exif


@pytest.mark.parametrize("suffix", IMAGES_WRITTEN)
def test_every_format_is_written_and_read_again(tmp_path: Path, suffix: str) -> None:
    """Size and content survive: exactly in PNG and TIFF, nearly in JPEG and WebP."""
    path = tmp_path / f"a{suffix}"
    smooth = np.tile(np.linspace(0, 255, 32).astype(np.uint8)[None, :, None], (24, 1, 3))
    assert write_image(ImageFile(smooth), path) == ()
    with Image.open(path) as file:
        assert file.format == IMAGES_WRITTEN[suffix]
    tolerance = 0 if IMAGES_WRITTEN[suffix] in ("PNG", "TIFF") else 6
    assert np.abs(read_image(path).image.astype(int) - smooth).max() <= tolerance


@pytest.mark.parametrize("form", ["AVIF", "BMP", "GIF", "JPEG2000", "PPM"])
def test_other_common_formats_are_read(form: str) -> None:
    """Formats that are not written can be read."""
    file = read_image(_file(Image.new("RGB", (32, 24), (200, 30, 30)), form))
    assert np.abs(file.image.astype(int) - (200, 30, 30)).max() <= 6
    assert file.notes == ()


def test_phone_images_with_a_second_view_are_plain_jpegs() -> None:
    """The second view that phones hide behind a photo is neither stylized nor mentioned."""
    data = _file(Image.fromarray(PHOTO), "MPO", save_all=True, append_images=[Image.new("RGB", (8, 8))])
    file = read_image(data)
    assert file.image.shape == PHOTO.shape
    assert file.notes == ()


def test_jpeg_keeps_full_colour_resolution() -> None:
    """A JPEG is written without chroma subsampling, which would smear the strokes' colours."""
    data, _ = encode_image(ImageFile(PHOTO), ".jpg")
    with Image.open(io.BytesIO(data)) as file:
        assert [layer[1:3] for layer in file.layer] == [(1, 1)] * 3


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_photos_are_brought_into_display_orientation_once(form: str, orientation: int) -> None:
    """The camera's orientation is applied to the pixels and no longer stands in what is written, so no viewer turns it again."""
    corners = np.zeros((40, 64, 3), np.uint8)  # the top left quarter is red, the top right green
    corners[:20, :32, 0] = corners[:20, 32:, 1] = 255
    turn = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = Image.fromarray(corners)
    if orientation in turn:
        stored = stored.transpose(turn[orientation])
    data = _file(stored, form, exif=_exif(Orientation=orientation, Artist="A. Photographer"))
    file = read_image(data)
    assert file.image.shape == (40, 64, 3)
    assert np.abs(file.image.astype(int) - corners).mean() < 8
    written, _ = encode_image(file, ".jpg")
    with Image.open(io.BytesIO(written)) as file:
        assert ExifTags.Base.Orientation not in file.getexif()
        assert file.getexif()[ExifTags.Base.Artist] == "A. Photographer"
        assert file.size == (64, 40)


@pytest.mark.parametrize("source", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".tif"])
def test_exif_and_profile_travel_between_formats(source: str, suffix: str) -> None:
    """Camera, exposure and place, and the colour profile, are kept whatever the formats; the old file's layout is not."""
    exif = _exif(Model="Box") if source == "TIFF" else _exif(Model="Box", ImageWidth=999, StripOffsets=7)  # a TIFF has its own
    exif.get_ifd(ExifTags.IFD.Exif).update({ExifTags.Base.ISOSpeedRatings: 400, ExifTags.Base.ExifImageWidth: 999})
    exif.get_ifd(ExifTags.IFD.GPSInfo).update({ExifTags.GPS.GPSLatitudeRef: "N"})
    data, notes = encode_image(read_image(_file(Image.fromarray(PHOTO), source, exif=exif.tobytes(), icc_profile=SRGB)), suffix)
    assert notes == ()
    with Image.open(io.BytesIO(data)) as file:
        written = file.getexif()
        assert written[ExifTags.Base.Model] == "Box"
        assert written.get_ifd(ExifTags.IFD.Exif) == {ExifTags.Base.ISOSpeedRatings: 400}
        assert written.get_ifd(ExifTags.IFD.GPSInfo) == {ExifTags.GPS.GPSLatitudeRef: "N"}
        assert written.get(ExifTags.Base.ImageWidth, 32) == 32
        assert file.info["icc_profile"] == SRGB
        assert file.size == (32, 24)


def test_preview_of_the_photo_is_not_kept() -> None:
    """The small image that cameras put into EXIF would show the photo."""
    exif = _exif(Model="Box")
    exif.get_ifd(ExifTags.IFD.IFD1).update({ExifTags.Base.JpegIFOffset: 8, ExifTags.Base.JpegIFByteCount: 8})
    kept = read_image(_file(Image.fromarray(PHOTO), "JPEG", exif=exif)).exif
    reread = Image.Exif()
    reread.load(kept)
    assert reread.get_ifd(ExifTags.IFD.IFD1) == {}


def test_damaged_exif_costs_only_the_exif() -> None:
    """A photo with broken EXIF is stylized all the same."""
    data = _file(Image.fromarray(PHOTO), "JPEG", exif=b"Exif\x00\x00MM\x00*\x00\x00\xff\xffbroken")
    assert read_image(data).image.shape == PHOTO.shape


def test_exif_too_long_for_a_jpeg_is_left_out_aloud() -> None:
    """What a JPEG cannot hold does not stop the writing, and the user learns of it."""
    file = ImageFile(PHOTO, exif=b"Exif\x00\x00" + bytes(70_000))
    data, notes = encode_image(file, ".jpg")
    assert "EXIF" in notes[0]
    assert read_image(data).exif is None


@pytest.mark.parametrize("suffix", [".png", ".webp", ".tif"])
def test_transparency_is_kept(suffix: str) -> None:
    """Formats that can hold transparency give it back bit by bit."""
    alpha = PHOTO[..., 0].copy()
    data, notes = encode_image(ImageFile(PHOTO, alpha), suffix)
    assert notes == ()
    np.testing.assert_array_equal(read_image(data).alpha, alpha)


def test_jpeg_puts_transparency_on_white_and_says_so() -> None:
    """A JPEG cannot be transparent: what is hidden becomes white, with a note; an opaque channel needs none."""
    image, alpha = np.zeros((16, 32, 3), np.uint8), np.zeros((16, 32), np.uint8)
    alpha[:, 16:] = 255
    data, notes = encode_image(ImageFile(image, alpha), ".jpg")
    assert "white" in notes[0]
    written = read_image(data)
    assert written.alpha is None
    assert written.image[:, :14].min() > 240
    assert written.image[:, 18:].max() < 15
    assert encode_image(ImageFile(image, np.full_like(alpha, 255)), ".jpg")[1] == ()


def test_transparency_is_resized_with_the_image() -> None:
    """The mask follows the image's size, and colours hidden under it do not bleed into the visible part."""
    image, alpha = np.zeros((40, 80, 3), np.uint8), np.zeros((40, 80), np.uint8)
    image[:, :40, 1], image[:, 40:, 0], alpha[:, 40:] = 255, 255, 255  # hidden green, visible red
    small = ImageFile(image, alpha).resized(20)
    assert small.image.shape == (10, 20, 3)
    assert small.alpha is not None
    assert small.alpha.shape == (10, 20)
    assert small.image[small.alpha > 0][:, 1].max() == 0


@pytest.mark.parametrize(("shape", "size", "expected"), [((20, 40), 80, (40, 80)), ((40, 20), 10, (10, 5)), ((1, 4000), 16, (1, 16))])
def test_size_is_the_longer_side(shape: tuple[int, int], size: int, expected: tuple[int, int]) -> None:
    """The longer side gets the length, the shorter follows and never vanishes."""
    assert ImageFile(gradient(*shape)).resized(size).image.shape[:2] == expected


def test_same_size_changes_nothing() -> None:
    """An image that has the size already is not resampled."""
    file = ImageFile(PHOTO)
    assert file.resized(32) is file


def test_modes_become_rgb() -> None:
    """Grey, two-colour, 16-bit and palette images show what they showed, as RGB."""
    grey = PHOTO[..., 0]
    expected = np.repeat(grey[..., None], 3, axis=2)
    wide = Image.fromarray(grey.astype(np.uint16) * 257)
    for image, form in ((Image.fromarray(grey), "PNG"), (wide, "PNG"), (wide, "TIFF"), (Image.fromarray(grey).convert("P"), "PNG")):
        np.testing.assert_array_equal(read_image(_file(image, form)).image, expected)
    ink = Image.fromarray(grey > 127)
    np.testing.assert_array_equal(read_image(_file(ink, "PNG")).image[..., 0], np.where(grey > 127, 255, 0))


def test_palette_transparency_becomes_alpha() -> None:
    """A palette's transparent colour, and a grey image's alpha channel, are transparency like any other."""
    palette = Image.fromarray(np.array([[0, 1]], np.uint8)).convert("P")
    palette.putpalette([255, 0, 0, 0, 0, 255])
    file = read_image(_file(palette, "PNG", transparency=0))
    assert file.alpha is not None
    np.testing.assert_array_equal(file.alpha, [[0, 255]])
    np.testing.assert_array_equal(file.image[0, 1], [0, 0, 255])
    grey = read_image(_file(Image.merge("LA", [Image.new("L", (4, 3), 90), Image.new("L", (4, 3), 7)]), "PNG"))
    assert grey.alpha is not None
    assert (grey.image == 90).all()
    assert (grey.alpha == 7).all()


def test_cmyk_becomes_rgb() -> None:
    """A print shop's image shows its colours: no ink is white, cyan without the others has no red."""
    cmyk = Image.merge(
        "CMYK", [Image.fromarray(np.repeat(np.array([[0, 255]], np.uint8), 8, axis=1).repeat(8, axis=0))] + 3 * [Image.new("L", (16, 8))]
    )
    for form in ("JPEG", "TIFF"):
        image = read_image(_file(cmyk, form)).image
        assert image[:, :7].min() > 230
        assert image[:, 9:, 0].max() < 30


def test_grey_profile_is_applied_and_dropped() -> None:
    """Grey values in a profile of their own are brought to sRGB, since that profile cannot describe RGB."""
    linear = _grey_profile(gamma=1.0)
    file = read_image(_file(Image.new("L", (8, 8), 55), "PNG", icc_profile=linear))
    assert file.icc is None
    assert abs(int(file.image[0, 0, 0]) - 128) <= 2  # linear 55/255 is sRGB 128/255


def test_rgb_profile_leaves_the_numbers_alone() -> None:
    """Pixel values stay in their profile, also those of a grey image that carries an RGB profile."""
    for image in (Image.fromarray(PHOTO), Image.fromarray(PHOTO[..., 0])):
        file = read_image(_file(image, "PNG", icc_profile=SRGB))
        assert file.icc == SRGB
        np.testing.assert_array_equal(file.image, np.asarray(image.convert("RGB")))


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_damaged_profile_is_left_out_aloud(mode: str) -> None:
    """A profile that is none is not passed on, and the user learns of it."""
    space = {"RGB": b"RGB ", "L": b"GRAY", "CMYK": b"CMYK"}[mode]
    broken = bytearray(SRGB[:200])
    broken[16:20] = space
    for profile in (b"no profile", bytes(broken)) if mode != "RGB" else (b"no profile",):
        file = read_image(_file(Image.new(mode, (8, 8)), "TIFF", icc_profile=profile))
        assert file.icc is None
        assert "profile" in file.notes[0]


def test_first_page_is_stylized_and_the_others_are_mentioned() -> None:
    """Of an animation or a document only the first image is taken, and that is said."""
    pages = [Image.new("RGB", (8, 8), colour) for colour in ("red", "green", "blue")]
    for form in ("GIF", "TIFF", "WEBP"):
        file = read_image(_file(pages[0], form, save_all=True, append_images=pages[1:], lossless=True))
        np.testing.assert_array_equal(file.image[4, 4], [255, 0, 0])
        assert "first of its 3" in file.notes[0]


@pytest.mark.parametrize("form", ["PNG", "JPEG", "TIFF", "GIF"])
def test_cut_off_file_is_a_sentence(form: str) -> None:
    """A file that ends too early is named as damaged."""
    data = _file(Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)), form)
    with pytest.raises(InputError, match=r"'photo' .*(damaged|not an image)"):
        read_image(data[: len(data) // 2], "photo")


@pytest.mark.parametrize(
    "data", [b"", b"hello", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", b"GIF89a", b"\x89PNG\r\n\x1a\n", b"II*\x00"]
)
def test_what_is_no_image_is_a_sentence(data: bytes) -> None:
    """Text, nothing at all, a bare header, and PostScript (which would start a program) are refused."""
    with pytest.raises(InputError, match="'photo' "):
        read_image(data, "photo")


def test_missing_file_and_folder_are_sentences(tmp_path: Path) -> None:
    """A path that is not there, or is a folder, is reported with its name."""
    with pytest.raises(InputError, match="no such file"):
        read_image(tmp_path / "a.png")
    with pytest.raises(InputError, match="is a directory"):
        read_image(tmp_path)


def test_floating_point_images_are_refused() -> None:
    """Numbers without a known white cannot be stylized; the sentence says what to do."""
    with pytest.raises(InputError, match="8 or 16 bits"):
        read_image(_file(Image.fromarray(np.ones((4, 4), np.float32)), "TIFF"))
    with pytest.raises(InputError, match="8 or 16 bits"):
        read_image(_file(Image.fromarray(np.full((4, 4), 70_000, np.int32)), "TIFF"))


def test_giant_images_are_refused_before_decoding(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small file that claims giant sides is refused by its header, whichever of the two limits it meets."""
    bomb = _file(Image.new("1", (20_000, 20_000)), "PNG")
    with pytest.raises(InputError, match="has 400 megapixels; make it smaller than 179 first"):
        read_image(bomb)
    monkeypatch.setattr(images_module, "MAX_PIXELS", 700)
    with pytest.raises(InputError, match="megapixels"):
        read_image(_file(Image.fromarray(PHOTO), "PNG"))


def test_sides_beyond_the_format_are_refused() -> None:
    """An image too long for WebP is refused with another format to take."""
    with pytest.raises(OutputError, match="choose PNG"):
        encode_image(ImageFile(np.zeros((1, 16_384, 3), np.uint8)), ".webp")


def _grey_profile(gamma: float) -> bytes:
    """Return a minimal ICC profile of a grey space with the given gamma."""
    s15 = lambda value: round(value * 65536).to_bytes(4, "big", signed=True)  # noqa: E731
    white = b"XYZ \0\0\0\0" + s15(0.9642) + s15(1.0) + s15(0.8249)
    curve = b"curv\0\0\0\0" + (1).to_bytes(4, "big") + int(gamma * 256).to_bytes(2, "big") + b"\0\0"
    text = b"desc\0\0\0\0" + (2).to_bytes(4, "big") + b"g\0" + bytes(78)
    text += bytes(-len(text) % 4)
    parts = {b"desc": text, b"wtpt": white, b"kTRC": curve, b"cprt": b"text\0\0\0\0none\0\0\0\0"}
    table, body, offset = len(parts).to_bytes(4, "big"), b"", 128 + 4 + 12 * len(parts)
    for tag, data in parts.items():
        table += tag + (offset + len(body)).to_bytes(4, "big") + len(data).to_bytes(4, "big")
        body += data
    size = offset + len(body)
    header = size.to_bytes(4, "big") + bytes(4) + bytes.fromhex("02100000") + b"mntrGRAYXYZ " + bytes(12) + b"acsp"
    header += bytes(28) + s15(0.9642) + s15(1.0) + s15(0.8249)
    return header + bytes(128 - len(header)) + table + body


def _p3_profile() -> bytes:
    """Return a minimal ICC profile of Display P3, gamma 2.2."""
    s15 = lambda value: round(value * 65536).to_bytes(4, "big", signed=True)  # noqa: E731
    xyz = lambda *values: b"XYZ \0\0\0\0" + b"".join(map(s15, values))  # noqa: E731
    curve = b"curv\0\0\0\0" + (1).to_bytes(4, "big") + int(2.2 * 256).to_bytes(2, "big") + b"\0\0"
    text = b"desc\0\0\0\0" + (3).to_bytes(4, "big") + b"P3\0" + bytes(78)
    text += bytes(-len(text) % 4)
    parts = {b"desc": text, b"wtpt": xyz(0.9642, 1.0, 0.8249), b"cprt": b"text\0\0\0\0none\0\0\0\0"}
    parts |= {b"rXYZ": xyz(0.5151, 0.2412, -0.0011), b"gXYZ": xyz(0.2920, 0.6922, 0.0419), b"bXYZ": xyz(0.1571, 0.0666, 0.7841)}
    parts |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    table, body, offset = len(parts).to_bytes(4, "big"), b"", 128 + 4 + 12 * len(parts)
    for tag, data in parts.items():
        table += tag + (offset + len(body)).to_bytes(4, "big") + len(data).to_bytes(4, "big")
        body += data
    header = (offset + len(body)).to_bytes(4, "big") + bytes(4) + bytes.fromhex("02100000") + b"mntrRGB XYZ " + bytes(12) + b"acsp"
    header += bytes(28) + s15(0.9642) + s15(1.0) + s15(0.8249)
    return header + bytes(128 - len(header)) + table + body


def test_a_wide_profile_is_kept_by_still_and_brought_to_srgb_for_everybody_else() -> None:
    """A phone's Display P3: `still` keeps numbers and profile, the window and the trainer see the same colour in sRGB."""
    data = _file(Image.new("RGB", (8, 8), (200, 100, 60)), "PNG", icc_profile=_p3_profile())
    assert read_image(data).image[4, 4].tolist() == [200, 100, 60]
    np.testing.assert_allclose(read_srgb(data)[4, 4].astype(int), (216, 93, 43), atol=3)
    same = _file(Image.fromarray(PHOTO), "PNG", icc_profile=SRGB)
    np.testing.assert_array_equal(read_srgb(same), PHOTO)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_what_is_transparent_is_white(mode: str) -> None:
    """The hidden colour of transparent pixels is shown to nobody."""
    image = Image.new("RGBA", (8, 8), (200, 200, 200, 0))
    image.paste((30, 30, 30, 255), (2, 2, 6, 6))
    seen = read_srgb(_file(image.convert(mode), "PNG"))
    assert seen[0, 0].tolist() == [255, 255, 255]
    assert np.abs(seen[4, 4].astype(int) - 30).max() <= 3


def test_sixteen_bits_are_scaled() -> None:
    """A ramp of 16-bit grey stays a ramp."""
    ramp = np.linspace(0, 65535, 256).astype(np.uint16)[None].repeat(4, 0)
    np.testing.assert_allclose(read_srgb(_file(Image.fromarray(ramp), "PNG"))[0, :, 0].astype(int), np.arange(256), atol=1)


def _png_with_cicp(level: int, primaries: int, transfer: int) -> bytes:
    data = _file(Image.new("RGB", (8, 8), (level,) * 3), "PNG")
    body = b"cICP" + bytes((primaries, transfer, 0, 1))
    chunk = (4).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")
    return data[:33] + chunk + data[33:]  # behind IHDR


def test_hdr_images_are_fitted_to_the_screen() -> None:
    """A PNG that says PQ by cICP: the white of paper is near white, as in a clip, and that is said. sRGB is left alone."""
    file = read_image(_png_with_cicp(148, 9, 16))
    assert 225 <= int(file.image[4, 4, 1]) <= 238
    assert "fitted" in file.notes[0]
    assert read_image(_png_with_cicp(148, 1, 13)).image[4, 4, 1] == 148
    assert read_image(_png_with_cicp(148, 1, 13)).notes == ()


def test_hdr_profiles_too() -> None:
    """A profile that names PQ in its tag is not taken for a curve that colour management could use."""
    base = bytearray(_p3_profile())
    count = int.from_bytes(base[128:132])
    data = b"cicp\0\0\0\0" + bytes((9, 16, 0, 1))
    body = bytearray(base[132 + 12 * count :])
    table = bytearray(base[132 : 132 + 12 * count])
    for number in range(count):  # everything moves by the new entry
        at = 12 * number + 4
        table[at : at + 4] = (int.from_bytes(table[at : at + 4]) + 12).to_bytes(4)
    table += b"cicp" + (len(base) + 12).to_bytes(4) + len(data).to_bytes(4)
    icc = bytes(base[:128]) + (count + 1).to_bytes(4) + bytes(table) + bytes(body) + data
    icc = len(icc).to_bytes(4) + icc[4:]
    file = read_image(_file(Image.new("RGB", (8, 8), (148,) * 3), "PNG", icc_profile=icc))
    assert 225 <= int(file.image[4, 4, 1]) <= 238
    assert file.icc is None


def test_hdr_avif_too() -> None:
    """The same for an AVIF whose colour box says BT.2020 and PQ."""
    data = _file(Image.new("RGB", (32, 32), (148,) * 3), "AVIF", quality=95)
    at = data.index(b"colrnclx") + 8
    hdr = data[:at] + (9).to_bytes(2, "big") + (16).to_bytes(2, "big") + data[at + 4 :]
    assert 220 <= int(read_image(hdr).image[16, 16, 1]) <= 240
    assert abs(int(read_image(data).image[16, 16, 1]) - 148) <= 3


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("IMG_1.HEIC", b"", "HEIC photo.*export it as a JPEG"),
        ("renamed.jpg", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(99), "HEIC photo"),
        ("c.dng", b"II*\0" + bytes(99), "raw file.*develop it"),
        ("c.jxl", b"\xff\x0a", r"\(JXL\) that is not read"),
    ],
)
def test_kinds_that_are_not_read_are_named(name: str, data: bytes, words: str) -> None:
    """What people take for photos and what cannot be read says what it is, and what to do."""
    with pytest.raises(InputError, match=words):
        read_image(data, name)


def test_memory_is_asked_before_decoding(monkeypatch: pytest.MonkeyPatch) -> None:
    """An image that does not fit into what is free is refused with both numbers."""
    monkeypatch.setattr(images_module, "available_memory", lambda: 10_000)
    with pytest.raises(InputError, match=r"GB of memory.*are free; make it smaller"):
        read_image(_file(Image.fromarray(PHOTO), "PNG"))
