"""What pydicom reads in the DICOM files of VESALIUS_DATA, as hashes: elements.json, pixels.json and rendered.json of golden/dicom.

`python golden/make/dicom.py`, or with `--show NAME` for the lines of one file, which its hashes are made of.
"""

import hashlib
import io
import json
import os
import pathlib
import struct
import sys
import warnings
import zipfile

import numpy
import pydicom
import pydicom.pixels
from pydicom import config
from pydicom.dataelem import RawDataElement
from pydicom.pixels import apply_color_lut, apply_modality_lut, convert_color_space
from pydicom.multival import MultiValue
from pydicom.valuerep import PersonName

config.settings.reading_validation_mode = config.IGNORE
warnings.simplefilter("ignore")
DATA = pathlib.Path(os.environ["VESALIUS_DATA"])
FOLDER = pathlib.Path(__file__).resolve().parent.parent / "dicom"
NUMBERS = {"IS", "DS", "US", "SS", "UL", "SL", "FL", "FD"}
BYTES = {"OB", "OD", "OF", "OL", "OV", "OW", "UN"}


def short_hash(data):
    return hashlib.sha256(data).hexdigest()[:16]


def show_one(vr, value):
    if vr in NUMBERS and value not in ("", None):
        return struct.pack(">d", float(value)).hex()
    if vr == "AT":
        return f"{int(value):08X}"
    if isinstance(value, PersonName):
        return "=".join([value.alphabetic, value.ideographic, value.phonetic]).rstrip("=")
    # PS3.5 6.2: spaces around these values mean nothing; pydicom keeps some.
    return "" if value is None else str(value).strip(" ") if vr in ("AE", "CS") else str(value)


def show_value(vr, value):
    if vr in BYTES:
        return short_hash(value or b"")
    values = list(value) if isinstance(value, (MultiValue, list)) else [value]
    return "\\".join(show_one(vr, one) for one in values)


def keep_stored(convert):
    """pydicom forgets the stored bytes of what it decodes, meta information at once."""

    def keeping(raw, *args, **options):
        element = convert(raw, *args, **options)
        element.stored = raw.value
        return element

    return keeping


pydicom.dataset.convert_raw_data_element = keep_stored(pydicom.dataset.convert_raw_data_element)


def raw_bytes(item):
    return (item.value if isinstance(item, RawDataElement) else getattr(item, "stored", b"")) or b""


def lines(dataset, path=""):
    """One line an element: path, tag, VR, hash of the stored bytes; and the same with the decoded value."""
    for tag in sorted(dataset.keys()):
        raw = raw_bytes(dataset.get_item(tag))
        name = f"{path}{int(tag):08X}"
        try:
            element = dataset[tag]
            vr, value = element.VR, element.value
            shown = None if vr == "SQ" else show_value(vr, value)
        except Exception as error:
            yield f"{name} ? {type(error).__name__}", None
            continue
        if vr != "SQ":
            yield f"{name} {vr} {short_hash(raw)}", f"{name} {vr} {shown}"
            continue
        yield f"{name} SQ {len(value)}", None
        for number, item in enumerate(value):
            yield from lines(item, f"{name}.{number}.")


def answers():
    manifest = json.loads((DATA / "dicom_files.manifest.json").read_text())
    archive = zipfile.ZipFile(DATA / "dicom_files.zip")
    for name, row in manifest.items():
        if row["dicom"]:
            yield name, pydicom.dcmread(io.BytesIO(archive.read(name)), force=True)


def all_lines(dataset):
    rows = [*lines(dataset.file_meta), *lines(dataset)]
    return [raw for raw, _ in rows], [value for _, value in rows if value is not None]


def write_elements():
    files = {}
    for name, dataset in answers():
        raw, values = all_lines(dataset)
        refused = [line.split(" ")[0] for line in raw if " ? " in line]
        raw = [line for line in raw if " ? " not in line]
        files[name] = [len(raw), short_hash("\n".join(raw).encode()), short_hash("\n".join(values).encode()), *refused]
    document = {"madeWith": {"pydicom": pydicom.__version__}, "files": files}
    FOLDER.mkdir(parents=True, exist_ok=True)
    rows = ",\n".join(f"  {json.dumps(name)}: {json.dumps(row)}" for name, row in files.items())
    head = json.dumps(document["madeWith"])
    (FOLDER / "elements.json").write_text(f'{{\n "madeWith": {head},\n "files": {{\n{rows}\n }}\n}}\n')
    print(len(files), "files,", sum(row[0] for row in files.values()), "elements,", sum(len(row) - 3 for row in files.values()), "refused")


LOSSY = {"1.2.840.10008.1.2.4." + end for end in ("50", "51", "53", "55", "81", "91")}
SAMPLES = 400


def pixel_row(dataset):
    """Shape, type and hash of the stored values; of lossy ones also some values, since decoders differ by one or two."""
    array = numpy.ascontiguousarray(dataset_pixels(dataset))
    little = array.astype(array.dtype.newbyteorder("<"))
    row = [list(array.shape), str(array.dtype), short_hash(little.tobytes())]
    if str(dataset.file_meta.get("TransferSyntaxUID", "")) in LOSSY:
        row.append(array.reshape(-1)[:: max(1, array.size // SAMPLES)].tolist())
    return row


def dataset_pixels(dataset):
    if "TransferSyntaxUID" not in dataset.file_meta:
        implicit, little = dataset.original_encoding
        uids = pydicom.uid
        plain = uids.ExplicitVRLittleEndian if little else uids.ExplicitVRBigEndian
        dataset.file_meta.TransferSyntaxUID = uids.ImplicitVRLittleEndian if implicit else plain
    decoder = pydicom.pixels.get_decoder(dataset.file_meta.TransferSyntaxUID)
    return decoder.as_array(dataset, raw=True)[0]


def write_pixels():
    rows, refused = [], 0
    for name, dataset in answers():
        if not any(word in dataset for word in ("PixelData", "FloatPixelData", "DoubleFloatPixelData")):
            continue
        try:
            rows.append(f"  {json.dumps(name)}: {json.dumps(pixel_row(dataset), separators=(',', ':'))}")
        except Exception as error:
            refused += 1
            print("not decoded:", name, type(error).__name__, str(error)[:100])
    head = json.dumps({"pydicom": pydicom.__version__, "numpy": numpy.__version__})
    body = ",\n".join(rows)
    (FOLDER / "pixels.json").write_text(f'{{\n "madeWith": {head},\n "files": {{\n{body}\n }}\n}}\n')
    print(len(rows), "arrays,", refused, "not decoded by pydicom")


def rendered(dataset):
    """Some values after the palette or to RGB, of 8 bits, or after the modality transform; nothing where there is none."""
    photometric = dataset.get("PhotometricInterpretation", "")
    array = dataset_pixels(dataset)
    if photometric == "PALETTE COLOR":
        colors = apply_color_lut(array, dataset)
        return "rgb", colors if colors.dtype.itemsize == 1 else colors >> 8
    if photometric.startswith("YBR_FULL") and dataset.BitsAllocated == 8:
        return "rgb", convert_color_space(array, "YBR_FULL", "RGB")
    if "ModalityLUTSequence" in dataset or "RescaleSlope" in dataset:
        return "modality", apply_modality_lut(array, dataset).astype("float64")
    return None


def write_rendered():
    rows = []
    for name, dataset in answers():
        try:
            kind, array = rendered(dataset)
        except Exception:
            continue
        first = array[0] if int(dataset.get("NumberOfFrames") or 1) > 1 else array
        values = first.reshape(-1)[:: max(1, first.size // SAMPLES)].tolist()
        rows.append(f"  {json.dumps(name)}: {json.dumps([kind, values], separators=(',', ':'))}")
    head = json.dumps({"pydicom": pydicom.__version__, "numpy": numpy.__version__})
    body = ",\n".join(rows)
    (FOLDER / "rendered.json").write_text(f'{{\n "madeWith": {head},\n "files": {{\n{body}\n }}\n}}\n')


if __name__ == "__main__":
    if "--show" in sys.argv:
        for name, dataset in answers():
            if name == sys.argv[-1]:
                raw, values = all_lines(dataset)
                print("\n".join(raw), "\n".join(values), sep="\n\n")
    else:
        write_elements()
        write_pixels()
        write_rendered()
