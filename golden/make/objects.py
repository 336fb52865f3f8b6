"""Objects that highdicom builds over the series of tests/conformance/objects-series.ts, and what they hold: golden/objects/highdicom.json;
and what it reads in the segmentations and measurement reports of VESALIUS_DATA: golden/objects/real.json.

`python golden/make/objects.py`, with an interpreter that has highdicom; node must be on PATH.
"""

import base64
import io
import json
import os
import pathlib
import subprocess
import tempfile
import zipfile

import highdicom as hd
import numpy as np
from highdicom.sr.coding import CodedConcept
from pydicom import dcmread
from pydicom.sr.codedict import codes
from pydicom.uid import ExplicitVRLittleEndian, RLELossless

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FILE = ROOT / "golden/objects/highdicom.json"
UID = "1.2.826.0.1.3680043.10.543.9"
ALGORITHM = hd.AlgorithmIdentificationSequence(name="phantom", version="1", family=codes.DCM.ArtificialIntelligence)


def written_series(folder):
    subprocess.run(["node", str(ROOT / "tests/conformance/write-objects.ts"), str(folder)], check=True)
    return [dcmread(path) for path in sorted(pathlib.Path(folder).glob("ct-*.dcm"))]


def about(number):
    return {
        "series_instance_uid": f"{UID}.{number}.1",
        "series_number": number,
        "sop_instance_uid": f"{UID}.{number}.2",
        "instance_number": 1,
        "manufacturer": "Peer",
        "manufacturer_model_name": "highdicom",
        "software_versions": hd.__version__,
        "device_serial_number": "1",
    }


def segment(number, label, kind):
    return hd.seg.SegmentDescription(
        segment_number=number,
        segment_label=label,
        segmented_property_category=codes.SCT.Organ,
        segmented_property_type=kind,
        algorithm_type=hd.seg.SegmentAlgorithmTypeValues.AUTOMATIC,
        algorithm_identification=ALGORITHM,
        tracking_uid=f"{UID}.77.{number}",
        tracking_id=label,
    )


SEGMENTS = [segment(1, "Liver", codes.SCT.Liver), segment(2, "Spleen", codes.SCT.Spleen)]


def label_array(shape):
    labels = np.zeros(shape, dtype=np.uint8)
    labels[1:3, 1:4, 2:6] = 1
    labels[3, 4:7, 5:9] = 2
    return labels


def build_segmentation(series, number, array, kind, **more):
    return hd.seg.Segmentation(
        source_images=series, pixel_array=array, segmentation_type=kind, segment_descriptions=SEGMENTS, **about(number), **more
    )


def segmentations(series):
    """(name, object, stored values, the same as one array a segment)."""
    shape = (len(series), series[0].Rows, series[0].Columns)
    labels = label_array(shape)
    both = np.stack([labels == 1, labels > 0], axis=-1).astype(np.uint8)
    each = np.stack([labels == 1, labels == 2], axis=-1)
    steps = np.round(np.random.default_rng(7).random((*shape, 2)) * 10) / 10
    backwards = list(reversed(series))
    yield "seg-binary", build_segmentation(series, 10, labels, "BINARY"), each
    yield "seg-overlap", build_segmentation(series, 11, both, "BINARY"), both
    yield "seg-backwards", build_segmentation(backwards, 12, labels[::-1].copy(), "BINARY", omit_empty_frames=False), each
    yield "seg-fractional", build_segmentation(
        series, 13, steps, "FRACTIONAL", max_fractional_value=10, transfer_syntax_uid=RLELossless
    ), steps
    yield "seg-labelmap", build_segmentation(series, 14, labels, "LABELMAP"), each


def parametric_maps(series):
    shape = (len(series), series[0].Rows, series[0].Columns)
    for number, (name, dtype, slope) in enumerate([("pm-float", np.float32, 1.0), ("pm-double", np.float64, 1.0), ("pm-integer", np.uint16, 0.5)]):
        values = (np.arange(np.prod(shape)) % 251).reshape(shape).astype(dtype)
        mapping = hd.pm.RealWorldValueMapping(
            lut_label="PEER", lut_explanation="a ramp", unit=codes.UCUM.Millimeter, value_range=(0, 250), slope=slope, intercept=-3.0,
            quantity_definition=codes.SCT.Length,
        ) if dtype == np.uint16 else hd.pm.RealWorldValueMapping(
            lut_label="PEER", lut_explanation="a ramp", unit=codes.UCUM.Millimeter, value_range=(0.0, 250.0), slope=slope, intercept=-3.0,
            quantity_definition=codes.SCT.Length,
        )
        made = hd.pm.ParametricMap(
            series, values, contains_recognizable_visual_features=False, real_world_value_mappings=[mapping],
            window_center=100, window_width=200, **about(20 + number)
        )
        yield name, made, values * slope - 3.0


def report(series, segmentation):
    observer = hd.sr.ObserverContext(
        observer_type=codes.DCM.Person, observer_identifying_attributes=hd.sr.PersonObserverIdentifyingAttributes(name="Doe^Jane")
    )
    measured = hd.sr.Measurement(name=codes.SCT.Volume, value=12.5, unit=codes.UCUM.CubicMillimeter, derivation=codes.SCT.Mean)
    length = hd.sr.Measurement(name=codes.SCT.Length, value=1 / 3, unit=codes.UCUM.Millimeter)
    site = hd.sr.FindingSite(anatomic_location=codes.SCT.Liver, laterality=codes.SCT.Right)
    region = hd.sr.ImageRegion(
        graphic_type=hd.sr.GraphicTypeValues.POLYLINE,
        graphic_data=np.array([[1.0, 1.0], [4.0, 1.5], [4.0, 5.0], [1.0, 1.0]]),
        source_image=hd.sr.SourceImageForRegion.from_source_image(series[1]),
    )
    region3d = hd.sr.ImageRegion3D(
        graphic_type=hd.sr.GraphicTypeValues3D.POLYGON,
        graphic_data=np.array([[1.0, 2.0, 3.0], [4.0, 2.0, 3.0], [4.0, 5.0, 3.0], [1.0, 2.0, 3.0]]),
        frame_of_reference_uid=series[0].FrameOfReferenceUID,
    )
    groups = [
        hd.sr.VolumetricROIMeasurementsAndQualitativeEvaluations(
            tracking_identifier=hd.sr.TrackingIdentifier(uid=f"{UID}.77.1", identifier="volume"),
            referenced_segment=hd.sr.ReferencedSegment.from_segmentation(segmentation, segment_number=1),
            finding_type=codes.SCT.Liver, finding_category=codes.SCT.Organ, finding_sites=[site], measurements=[measured],
        ),
        hd.sr.PlanarROIMeasurementsAndQualitativeEvaluations(
            tracking_identifier=hd.sr.TrackingIdentifier(uid=f"{UID}.77.3", identifier="outline"),
            referenced_region=region, finding_type=codes.SCT.Nodule, measurements=[length],
            qualitative_evaluations=[hd.sr.QualitativeEvaluation(name=CodedConcept("M", "99PEER", "Margin"), value=codes.SCT.Nodule)],
        ),
        hd.sr.PlanarROIMeasurementsAndQualitativeEvaluations(
            tracking_identifier=hd.sr.TrackingIdentifier(uid=f"{UID}.77.4", identifier="in space"),
            referenced_region=region3d, measurements=[length],
        ),
    ]
    content = hd.sr.MeasurementReport(
        observation_context=hd.sr.ObservationContext(observer_person_context=observer),
        procedure_reported=codes.LN.CTUnspecifiedBodyRegion,
        imaging_measurements=groups,
    )
    options = about(30)
    for name in ("manufacturer_model_name", "software_versions", "device_serial_number"):
        options.pop(name)
    made = hd.sr.Comprehensive3DSR(evidence=[*series, segmentation], content=content, **options)
    site_codes = ["10200004", "24028007"]
    expected = [
        {"id": "volume", "uid": f"{UID}.77.1", "finding": "10200004", "site": site_codes, "numbers": [["118565006", 12.5, "mm3"]], "region": "segment"},
        {"id": "outline", "uid": f"{UID}.77.3", "finding": "27925004", "site": [], "numbers": [["410668003", 1 / 3, "mm"]], "region": "image"},
        {"id": "in space", "uid": f"{UID}.77.4", "finding": None, "site": [], "numbers": [["410668003", 1 / 3, "mm"]], "region": "patient"},
    ]
    return made, expected


def presentation_state(series):
    circle = hd.pr.GraphicObject(hd.pr.GraphicTypeValues.CIRCLE, np.array([[4.0, 3.0], [4.0, 5.0]]), hd.pr.AnnotationUnitsValues.PIXEL, is_filled=True)
    words = hd.pr.TextObject("phantom", hd.pr.AnnotationUnitsValues.PIXEL, anchor_point=(2.0, 3.0))
    layer = hd.pr.GraphicLayer("PEER", order=1)
    annotation = hd.pr.GraphicAnnotation(referenced_images=[series[1]], graphic_layer=layer, graphic_objects=[circle], text_objects=[words])
    voi = hd.pr.SoftcopyVOILUTTransformation(window_center=50.0, window_width=350.0)
    return hd.pr.GrayscaleSoftcopyPresentationState(
        referenced_images=series, content_label="PEER", graphic_layers=[layer], graphic_annotations=[annotation],
        voi_lut_transformations=[voi], **about(40)
    )


def capture(series):
    pixels = (np.arange(6 * 5 * 3) * 2).astype(np.uint8).reshape(6, 5, 3)
    options = about(50)
    for name in ("manufacturer_model_name", "software_versions", "device_serial_number"):
        options.pop(name)
    made = hd.sc.SCImage.from_ref_dataset(
        series[0], pixel_array=pixels, photometric_interpretation="RGB", bits_allocated=8, coordinate_system="PATIENT",
        patient_orientation=("L", "P"), **options
    )
    return made, pixels


def base64_of(array, dtype):
    return base64.b64encode(np.ascontiguousarray(array, dtype=dtype).tobytes()).decode()


def objects(series):
    """For each name: the object, and what it holds as JSON."""
    made = {}
    for name, dataset, masks in segmentations(series):
        expected = [base64_of(masks[..., i], "<f4") for i in range(2)]
        made[name] = dataset, {"kind": "segmentation", "masks": expected}
    for name, dataset, values in parametric_maps(series):
        made[name] = dataset, {"kind": "map", "values": base64_of(values, "<f8"), "unit": "mm", "quantity": "410668003"}
    dataset, groups = report(series, made["seg-binary"][0])
    made["sr"] = dataset, {"kind": "report", "groups": groups}
    state = {"kind": "state", "window": [50, 350], "graphics": [["CIRCLE", [4, 3, 4, 5], True]], "texts": [["phantom", [2, 3]]]}
    made["gsps"] = presentation_state(series), {**state, "images": [series[1].SOPInstanceUID]}
    dataset, pixels = capture(series)
    made["sc"] = dataset, {"kind": "picture", "pixels": base64_of(pixels, "u1")}
    return made


def bytes_of(dataset):
    buffer = io.BytesIO()
    dataset.save_as(buffer)
    return buffer.getvalue()


def document(series):
    files = {
        name: {"base64": base64.b64encode(bytes_of(dataset)).decode(), "holds": holds}
        for name, (dataset, holds) in objects(series).items()
    }
    return {"madeWith": {"highdicom": hd.__version__, "numpy": np.__version__}, "files": files}


def moments(volume, segment):
    """Of a segment: the sum of its voxels, and their mean place and mean squared place in LPS millimetres."""
    array = volume.array[..., segment].astype(np.float64)
    places = np.argwhere(array > 0)
    weights = array[array > 0]
    if len(places) == 0:
        return [0.0]
    world = volume.map_indices_to_reference(places)
    means = [np.average(power, axis=0, weights=weights) for power in (world, world**2)]
    return [float(weights.sum()), *(round(float(value), 4) for mean in means for value in mean)]


def read_segmentation(data):
    read = hd.seg.segread(io.BytesIO(data))
    numbers = list(read.get_segment_numbers())
    volume = read.get_volume(segment_numbers=numbers, combine_segments=False, rescale_fractional=True)
    return {str(number): moments(volume, i) for i, number in enumerate(numbers) if number != 0}


def read_report(data):
    content = hd.sr.srread(io.BytesIO(data)).content
    groups = [
        *content.get_image_measurement_groups(),
        *content.get_planar_roi_measurement_groups(),
        *content.get_volumetric_roi_measurement_groups(),
    ]
    rows = [[g.tracking_identifier, str(g.tracking_uid), [[m.name.value, float(m.value), m.unit.value] for m in g.get_measurements()]] for g in groups]
    return sorted(rows)


def real_document():
    data = pathlib.Path(os.environ["VESALIUS_DATA"])
    archive = zipfile.ZipFile(data / "dicom_files.zip")
    files = {}
    for name, row in json.loads((data / "dicom_files.manifest.json").read_text()).items():
        kind = {"66.4": read_segmentation, "66.7": read_segmentation, "88.34": read_report, "88.33": read_report}.get(
            row.get("sop", "").removeprefix("1.2.840.10008.5.1.4.1.1.")
        )
        try:
            # Tiles of slides and pictures have no place in the patient.
            if kind and "_sm_" not in name:
                files[name] = kind(archive.read(name))
        except Exception as error:
            print("not read:", name, type(error).__name__, str(error)[:80])
    return {"madeWith": {"highdicom": hd.__version__}, "files": files}


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1) + "\n")
    print(path.name, path.stat().st_size, "bytes")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        write(FILE, document(written_series(folder)))
    write(FILE.with_name("real.json"), real_document())
