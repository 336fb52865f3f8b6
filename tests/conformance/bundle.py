"""Reads a trained bundle, its run and its predictions (write-bundle.ts) with the formats' own libraries.

    python tests/conformance/bundle.py FOLDER

Ends with one line of JSON: for each reader whether everything was as written, and its figures. The bundle's metadata is
checked by MONAI's verify_metadata: against the schema file in VESALIUS_MONAI_SCHEMA where that is set, else against the
required fields and types of meta_schema_20240725, which METADATA_TYPES and TENSOR_TYPES below restate; they are stricter in
one thing: the network's inputs and outputs must be tensors.
"""

import collections
import io
import json
import os
import pathlib
import sys
import tempfile

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import nibabel
import nrrd
import numpy
import onnx
import onnxruntime
from PIL import Image
from nibabel import orientations
from scipy import ndimage
from safetensors import safe_open
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.util import tensor_util

FOLDER = pathlib.Path(sys.argv[1])
BUNDLE = FOLDER / "bundle"
MANIFEST = json.loads((BUNDLE / "manifest.json").read_text())


def session():
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(BUNDLE / "model.onnx"), options)


def stored(path):
    with safe_open(path, "np") as tensors:
        return {name: tensors.get_tensor(name) for name in tensors.keys()}


def predicted(scan):
    """The label map that the model gives for a scan, by the manifest's words alone; turned as it says, and back."""
    wanted = orientations.axcodes2ornt(MANIFEST["processing"]["orientation"])
    own = orientations.io_orientation(scan.affine)
    turned = orientations.apply_orientation(scan.get_fdata(), orientations.ornt_transform(own, wanted))
    image = turned.astype(numpy.float32).transpose(2, 1, 0)[None, None]
    (labels,) = session().run(["labels"], {"image": image})
    back = orientations.apply_orientation(labels[0, 0].transpose(2, 1, 0), orientations.ornt_transform(wanted, own))
    return largest_only(back)


def largest_only(labels):
    for value in MANIFEST["processing"]["keepLargest"]:
        parts, _ = ndimage.label((labels == value).transpose(2, 1, 0), numpy.ones((3, 3, 3)))
        sizes = numpy.bincount(parts.ravel())[1:]
        if len(sizes) > 0:
            labels = numpy.where((labels == value) & (parts.transpose(2, 1, 0) != sizes.argmax() + 1), 0, labels)
    return labels


def pairs():
    for path in sorted((FOLDER / "in").glob("*.nii*")):
        yield nibabel.load(path), nibabel.load(FOLDER / "out" / path.name)


def read_onnx():
    onnx.checker.check_model(str(BUNDLE / "model.onnx"), full_check=True)
    return {"nodes": len(onnx.load(BUNDLE / "model.onnx").graph.node)}


def read_onnxruntime():
    differing = [int(numpy.sum(predicted(scan) != numpy.asarray(labels.dataobj))) for scan, labels in pairs()]
    written = stored(FOLDER / "probabilities.safetensors")
    (probabilities,) = session().run(["probabilities"], {"image": written["image"]})
    difference = float(numpy.abs(probabilities - written["probabilities"]).max())
    marked = sum(int(numpy.asarray(labels.dataobj).sum()) for _, labels in pairs())
    assert marked > 0, "the label maps are empty"
    assert len(differing) == 3 and sum(differing) == 0, f"{differing} voxels differ"
    assert difference < 1e-5, f"probabilities differ by {difference}"
    return {"scans": len(differing), "differingVoxels": sum(differing), "probabilityDifference": difference}


def read_nibabel():
    furthest = 0.0
    for scan, labels in pairs():
        assert labels.shape == scan.shape and labels.get_data_dtype() == numpy.uint8
        assert numpy.array_equal(labels.header.get_zooms(), scan.header.get_zooms())
        furthest = max(furthest, float(numpy.abs(labels.affine - scan.affine).max()))
    assert furthest < 1e-6, f"affines differ by {furthest}"
    return {"affineDifference": furthest}


def read_nrrd():
    voxels, header = nrrd.read(str(FOLDER / "out/other.nrrd"))
    _, of_scan = nrrd.read(str(FOLDER / "in/other.nrrd"))
    assert header["space"] == of_scan["space"]
    for field in ["sizes", "space directions", "space origin"]:
        assert numpy.array_equal(header[field], of_scan[field]), field
    # The scan of case 3 once more, through another reader and the model itself.
    expected = predicted(nibabel.load(FOLDER / "data/images/case3.nii"))
    assert numpy.array_equal(voxels, expected), f"{numpy.sum(voxels != expected)} voxels differ"
    return {"voxels": int(voxels.size)}


def read_safetensors():
    weights = stored(BUNDLE / "weights.safetensors")
    initializers = {item.name: onnx.numpy_helper.to_array(item) for item in onnx.load(BUNDLE / "model.onnx").graph.initializer}
    assert len(weights) > 10
    for name, array in weights.items():
        assert numpy.array_equal(array, initializers[f"network_{name}"]), name
    return {"tensors": len(weights), "parameters": int(sum(array.size for array in weights.values()))}


def read_events():
    events = EventAccumulator(str(FOLDER / "bundle.run"), size_guidance={"scalars": 0, "tensors": 0})
    events.Reload()
    records = [json.loads(line) for line in (FOLDER / "bundle.run/log.jsonl").read_text().splitlines()]
    steps = [record for record in records if record["event"] == "step"]
    names = {"loss": "loss", "dice": "dice", "learning_rate": "learningRate", "gradient_norm": "gradientNorm"}
    for tag, field in names.items():
        read = [(item.step, item.value) for item in events.Scalars(f"train/{tag}")]
        assert read == [(record["step"], float(numpy.float32(record[field]))) for record in steps], tag
    raw = EventAccumulator(str(FOLDER / "bundle.run"), size_guidance={"scalars": 0}, purge_orphaned_data=False)
    raw.Reload()
    repeated = len(raw.Scalars("train/loss")) - len(steps)
    assert repeated > 0, "the files of the resumed run repeat no step"
    plugins = collections.Counter(events.SummaryMetadata(tag).plugin_data.plugin_name for tag in events.Tags()["tensors"])
    pictures = [tag for tag in events.Tags()["tensors"] if events.SummaryMetadata(tag).plugin_data.plugin_name == "images"]
    for tag in pictures:
        width, height, *encoded = tensor_util.make_ndarray(events.Tensors(tag)[0].tensor_proto)
        assert Image.open(io.BytesIO(encoded[0])).size == (int(width), int(height))
    weights = stored(BUNDLE / "weights.safetensors")
    for name, array in weights.items():
        (histogram,) = [tensor_util.make_ndarray(item.tensor_proto) for item in events.Tensors(f"weights/{name}")]
        assert histogram[:, 2].sum() == array.size, name
    assert plugins["histograms"] == len(weights) and pictures, plugins
    return {"scalars": len(names) * len(steps), "repeatedSteps": repeated, "histograms": plugins["histograms"], "images": len(pictures)}


METADATA_TYPES = {
    "string": "schema version monai_version pytorch_version numpy_version task description authors copyright",
    "object": "required_packages_version network_data_format",
}
OPTIONAL_TYPES = {
    "string": "data_source data_type image_classes label_classes pred_classes intended_use",
    "object": "changelog eval_metrics supported_apps",
}
TENSOR_TYPES = {
    "type": {"type": "string"},
    "format": {"type": "string"},
    "num_channels": {"type": "integer"},
    "spatial_shape": {"type": "array", "items": {"type": ["string", "integer"]}},
    "dtype": {"type": "string"},
    "value_range": {"type": "array", "items": {"type": "number"}},
}


def restated_schema():
    fields = {name: {"type": kind} for table in (METADATA_TYPES, OPTIONAL_TYPES) for kind in table for name in table[kind].split()}
    required = [name for names in METADATA_TYPES.values() for name in names.split()]
    more = {"is_patch_data": {"type": "boolean"}, "channel_def": {"type": "object"}}
    tensor = {"type": "object", "properties": {**TENSOR_TYPES, **more}, "required": list(TENSOR_TYPES)}
    tensors = {"type": "object", "additionalProperties": tensor, "minProperties": 1}
    ends = {"type": "object", "properties": {"inputs": tensors, "outputs": tensors}, "required": ["inputs", "outputs"]}
    return {"type": "object", "properties": {**fields, "network_data_format": ends}, "required": required}


def read_metadata():
    import jsonschema
    from monai.bundle import ConfigParser, verify_metadata

    file = str(BUNDLE / "configs/metadata.json")
    given = os.environ.get("VESALIUS_MONAI_SCHEMA")
    with tempfile.TemporaryDirectory() as folder:
        schema = pathlib.Path(folder) / "schema.json"
        schema.write_text(pathlib.Path(given).read_text() if given else json.dumps(restated_schema()))
        # A schema file that is there already is not downloaded.
        verify_metadata(meta_file=file, filepath=str(schema))
        broken = {**json.loads(pathlib.Path(file).read_text()), "version": 1}
        try:
            jsonschema.validate(broken, json.loads(schema.read_text()))
        except jsonschema.ValidationError:
            pass
        else:
            raise AssertionError("the schema lets a wrong type pass")
    parser = ConfigParser()
    parser.read_meta(file)
    image = parser.get("_meta_::network_data_format::inputs::image")
    (entry,) = onnx.load(BUNDLE / "model.onnx").graph.input
    assert entry.name == "image" and image["num_channels"] == entry.type.tensor_type.shape.dim[1].dim_value
    return {"originalSchema": int(bool(given))}


READERS = {
    "onnx.checker": read_onnx,
    "onnxruntime": read_onnxruntime,
    "nibabel": read_nibabel,
    "pynrrd": read_nrrd,
    "safetensors": read_safetensors,
    "tensorboard": read_events,
    "monai": read_metadata,
}

if __name__ == "__main__":
    results = {}
    for name, read in READERS.items():
        try:
            results[name] = {"ok": True, **read()}
        except Exception as error:
            results[name] = {"ok": False, "error": f"{type(error).__name__}: {error}"[:300]}
    print(json.dumps(results))
