"""What pydicom reads in the DICOM files of VESALIUS_DATA and of its own package, whole: `python pydicom_answers.py FOLDER`.

Writes `<number>.json` (elements, values, shape of the pixels), `<number>.pixels` (decoded, little endian) and, for files that are not in
the data's archive, `<number>.dcm`; `index.json` names them.
"""

import hashlib
import io
import json
import pathlib
import sys
import zipfile

import numpy

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "golden" / "make"))
import dicom as golden
import pydicom

FOLDER = pathlib.Path(sys.argv[1])
PIXELS = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")


def files():
    """Name, content and whether it has to be handed over: those of the archive, then what the package has besides."""
    manifest = json.loads((golden.DATA / "dicom_files.manifest.json").read_text())
    archive = zipfile.ZipFile(golden.DATA / "dicom_files.zip")
    known = set()
    for name in archive.namelist():
        content = archive.read(name)
        known.add(hashlib.sha256(content).digest())
        if manifest.get(name, {}).get("dicom"):
            yield name, content, False
    own = pathlib.Path(pydicom.__file__).parent / "data" / "test_files"
    for path in sorted(own.rglob("*.dcm")):
        content = path.read_bytes()
        if hashlib.sha256(content).digest() not in known:
            yield f"pydicom-package/{path.name}", content, True


def pixels(dataset):
    array = numpy.ascontiguousarray(golden.dataset_pixels(dataset))
    return array.astype(array.dtype.newbyteorder("<"))


def answer(content):
    dataset = pydicom.dcmread(io.BytesIO(content), force=True)
    rows = [*golden.lines(dataset.file_meta), *golden.lines(dataset)]
    result = {"elements": [raw for raw, _ in rows], "values": [value for _, value in rows if value is not None]}
    if not any(word in dataset for word in PIXELS):
        return result, None
    try:
        array = pixels(dataset)
    except Exception as error:
        return result | {"notDecoded": type(error).__name__}, None
    lossy = str(dataset.file_meta.get("TransferSyntaxUID", "")) in golden.LOSSY
    return result | {"type": array.dtype.name, "lossy": lossy}, array.tobytes()


names = {}
for number, (name, content, own) in enumerate(files()):
    names[name] = number
    result, decoded = answer(content)
    (FOLDER / f"{number}.json").write_text(json.dumps(result))
    if decoded is not None:
        (FOLDER / f"{number}.pixels").write_bytes(decoded)
    if own:
        (FOLDER / f"{number}.dcm").write_bytes(content)
(FOLDER / "index.json").write_text(json.dumps({"pydicom": pydicom.__version__, "names": names}))
