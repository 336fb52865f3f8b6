"""highdicom reads the objects that write-objects.ts has written into FOLDER, and writes its own, with what they hold, to DOCUMENT.

    python tests/conformance/objects.py FOLDER DOCUMENT
"""

import json
import pathlib
import sys

import highdicom as hd
import numpy as np
import pydicom

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "golden/make"))
import objects  # noqa: E402

FOLDER = pathlib.Path(sys.argv[1])
SHAPE = (5, 7, 9)
AFFINE_ORIGIN = [-10.0, 20.0, 30.0]
failed = []


def check(name, passed, detail=""):
    print(f"ok     {name}" if passed else f"FAILED {name}: {detail}")
    if not passed:
        failed.append(name)


def attempt(name, step):
    try:
        passed, detail = step()
    except Exception as error:
        passed, detail = False, f"{type(error).__name__} {error}".replace("\n", " ")[:200]
    check(name, passed, detail)


def organ_labels():
    labels = np.zeros(SHAPE, dtype=np.uint8)
    labels[1, 1:5, 1:4] = 1
    labels[2, 1:6, 2:4] = 1
    labels[2, 0:3, 5:9] = 2
    labels[4, 2:7, 6:9] = 2
    return labels


def on_series(volume):
    """The array of a volume by slices of the series, which may start later or run backwards."""
    array = np.zeros((SHAPE[0], *volume.array.shape[1:]), dtype=volume.array.dtype)
    for index in range(volume.array.shape[0]):
        z = volume.map_indices_to_reference(np.array([[index, 0, 0]]))[0, 2]
        array[round((z - AFFINE_ORIGIN[2]) / 2)] = volume.array[index]
    return array


def segmentation(name, combine, expected):
    def step():
        read = hd.seg.segread(FOLDER / f"{name}.dcm")
        volume = read.get_volume(combine_segments=combine)
        got = on_series(volume)
        return np.allclose(got, expected, atol=1 / 500), f"{np.sum(~np.isclose(got, expected, atol=1 / 500))} voxels differ"

    attempt(f"highdicom reads {name}", step)


def described():
    read = hd.seg.segread(FOLDER / "seg-binary.dcm")
    first = read.get_segment_description(1)
    uids = [str(uid) for uid in read.get_source_image_uids()[0]] if hasattr(read, "get_source_image_uids") else []
    good = first.segment_label == "Leber" and first.segmented_property_type.value == "10200004" and first.tracking_id == "liver"
    return good and first.algorithm_identification.family.value == "123110", f"{first.segment_label} {uids}"


def report():
    content = hd.sr.srread(FOLDER / "sr-1500.dcm").content
    volumetric = content.get_volumetric_roi_measurement_groups()
    planar = content.get_planar_roi_measurement_groups()
    numbers = [[(m.name.value, m.value) for m in group.get_measurements()] for group in [*volumetric, *planar]]
    expected = [[("118565006", 54.84375), ("112031", 1 / 3)], [("410668003", 3.25)], [("410668003", 12.0)]]
    ids = [group.tracking_identifier for group in [*volumetric, *planar]]
    segment = volumetric[0].referenced_segment
    good = numbers == expected and ids == ["liver", "nodule", "outline"] and segment.referenced_segment_numbers == [1]
    return good, f"{numbers} {ids}"


def parametric_map(name):
    def step():
        dataset = pydicom.dcmread(FOLDER / f"{name}.dcm")
        got = dataset.pixel_array
        return np.array_equal(got, (np.arange(np.prod(SHAPE)) / 8 - 3).reshape(SHAPE)), str(got.ravel()[:3])

    attempt(f"pydicom reads {name}", step)


def picture(name, samples):
    def step():
        frame = hd.imread(FOLDER / f"{name}.dcm").get_raw_frame(1)
        expected = (np.arange(6 * 5 * samples) * 7 % 256).astype(np.uint8).tobytes()
        return frame[: len(expected)] == expected, f"{len(frame)} bytes"

    attempt(f"highdicom reads {name}", step)


def areas_of(dataset, number):
    """By slice, in voxels: half the length of the summed cross products of each contour's corners."""
    areas = np.zeros(SHAPE[0])
    region = next(item for item in dataset.ROIContourSequence if item.ReferencedROINumber == number)
    for contour in region.ContourSequence:
        points = np.array(contour.ContourData, dtype=float).reshape(-1, 3)
        vector = np.cross(points, np.roll(points, -1, axis=0)).sum(axis=0) / 2
        areas[round((points[0, 1] * -0.6 + points[0, 2] * 0.8 - AFFINE_ORIGIN[1] * -0.6 - AFFINE_ORIGIN[2] * 0.8) / 2.5)] += np.linalg.norm(vector)
    return areas / (0.75 * 1.5)


def structure_set():
    dataset = pydicom.dcmread(FOLDER / "rtstruct.dcm")
    expected = [np.sum(organ_labels() == number, axis=(1, 2)) for number in (1, 2)]
    got = [areas_of(dataset, number) for number in (1, 2)]
    return np.allclose(got, expected, atol=1e-3), f"{np.round(got, 3).tolist()}"


labels = organ_labels()
segmentation("seg-binary", True, labels)
segmentation("seg-labelmap", True, labels)
segmentation("seg-overlap", False, np.stack([labels >= 1, labels >= 2], axis=-1))
fractions = np.where(labels == 1, 0.25 + (np.arange(labels.size).reshape(SHAPE) % 3) / 4, 0)
segmentation("seg-fractional", False, fractions[..., None])
attempt("highdicom reads what a segment is", described)
attempt("highdicom reads sr-1500", report)
for kind in ("pm-float", "pm-double"):
    parametric_map(kind)
attempt("contours of rtstruct enclose the areas of the masks", structure_set)
picture("sc-rgb", 3)
picture("sc-grey", 1)
series = [pydicom.dcmread(path) for path in sorted(FOLDER.glob("ct-*.dcm"))]
pathlib.Path(sys.argv[2]).write_text(json.dumps(objects.document(series)))
sys.exit(1 if failed else 0)
