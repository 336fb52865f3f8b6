"""Reads the files that write-formats.ts writes with the formats' own libraries (versions: golden/requirements.txt).

    python tests/conformance/formats.py
"""

import io
import pathlib
import subprocess
import sys
import tempfile

import numpy
import onnx
import onnxruntime
import torch
from PIL import Image
from safetensors import safe_open
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams import plugin_data_pb2
from tensorboard.util import tensor_util

HERE = pathlib.Path(__file__).resolve().parent


def check(what, passed):
    print("ok    " if passed else "FAILED", what)
    return bool(passed)


def check_onnx(folder):
    path = str(folder / "model.onnx")
    onnx.checker.check_model(path, full_check=True)
    yield check("onnx.checker takes the model", True)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options)
    (y,) = session.run(None, {"x": numpy.array([[1, 1], [1, 2]], dtype=numpy.float32)})
    yield check("onnxruntime runs it, function and INT64_MAX included", numpy.array_equal(y, [[7.0, -5.0]]))


def check_safetensors(folder):
    with safe_open(folder / "weights.safetensors", "pt") as tensors:
        names = sorted(tensors.keys())
        yield check("safetensors lists every type", len(names) == 13)
        types = [str(tensors.get_tensor(name).dtype).replace("torch.", "") for name in names]
        yield check("safetensors gives every type its own", types == names)
        yield check("safetensors gives the bytes", tensors.get_tensor("int32").tolist() == [0x01010101] * 3)
        yield check("safetensors gives the metadata", tensors.metadata() == {"format": "vesalius"})


RAMP = (numpy.arange(18) * 13).astype(numpy.uint8).reshape(2, 3, 3)


def check_png(folder):
    yield check("Pillow reads the picture", numpy.array_equal(numpy.asarray(Image.open(folder / "picture.png")), RAMP))


def check_events(folder):
    events = EventAccumulator(str(folder), size_guidance={"tensors": 0})
    events.Reload()
    loss = [(item.wall_time, item.step, item.value) for item in events.Scalars("loss")]
    yield check("EventAccumulator reads scalars across two files", loss == [(2.0, 7, 0.5), (5.0, 9, 0.25)])
    tensor = {tag: tensor_util.make_ndarray(events.Tensors(tag)[0].tensor_proto) for tag in ["slice", "weights", "note"]}
    yield check("histogram", tensor["weights"].shape == (30, 3) and tensor["weights"][:, 2].sum() == 5)
    yield check("text", tensor["note"].tolist() == ["zwei Wörter".encode()])
    picture = numpy.asarray(Image.open(io.BytesIO(tensor["slice"][2])))
    yield check("picture", tensor["slice"][:2].tolist() == [b"3", b"2"] and numpy.array_equal(picture, RAMP))
    plugins = {tag: events.SummaryMetadata(tag).plugin_data.plugin_name for tag in tensor}
    yield check("plugins", plugins == {"slice": "images", "weights": "histograms", "note": "text"})
    content = events.SummaryMetadata("_hparams_/session_start_info").plugin_data.content
    values = plugin_data_pb2.HParamsPluginData.FromString(content).session_start_info.hparams
    found = (values["rate"].number_value, values["optimizer"].string_value, values["amp"].bool_value)
    yield check("hyper-parameters", found == (0.001, "adamw", True))


if __name__ == "__main__":
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        subprocess.run(["node", str(HERE / "write-formats.ts"), name], check=True)
        results = [passed for part in [check_onnx, check_safetensors, check_png, check_events] for passed in part(folder)]
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed")
    sys.exit(0 if all(results) else 1)
