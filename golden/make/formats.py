"""Files as their own libraries write them, and what stands in them: golden/formats/*.json."""

import io
import tempfile
import pathlib
import zlib

import golden
import numpy
import onnx
import safetensors
import safetensors.numpy
import tensorboard
import torch
from onnx import TensorProto, helper, numpy_helper
from tensorboard.plugins.histogram import summary_v2
from tensorboard.util import tensor_util
from torch.utils.tensorboard import SummaryWriter

RANDOM = numpy.random.default_rng(7)


def raw(content):
    return numpy.frombuffer(content, dtype=numpy.uint8)


def stored(arrays):
    """Bytes, type and shape of each array; bfloat16 arrives as torch tensors."""
    expected, types, shapes = {}, {}, {}
    for name, array in arrays.items():
        if isinstance(array, torch.Tensor):
            types[name] = str(array.dtype).replace("torch.", "")
            shapes[name] = list(array.shape)
            flat = array.contiguous().reshape(-1).view(torch.uint8) if array.numel() else torch.zeros(0, dtype=torch.uint8)
            expected[name] = flat.numpy()
        else:
            types[name] = array.dtype.name
            shapes[name] = list(array.shape)
            expected[name] = raw(numpy.ascontiguousarray(array).astype(array.dtype.newbyteorder("<")).tobytes())
    return expected, {"types": types, "shapes": shapes}


def file_case(name, content, arrays, **options):
    expected, described = stored(arrays)
    return golden.case(name, {"file": raw(content)}, expected, **described, **options)


ARRAYS = {
    "float32": RANDOM.standard_normal((2, 3)).astype(numpy.float32),
    "float64": RANDOM.standard_normal((3,)),
    "float16": RANDOM.standard_normal((5,)).astype(numpy.float16),
    "int64": numpy.array([0, -1, 2**62 + 1, -(2**63)], dtype=numpy.int64),
    "int32": numpy.array([[1], [-2]], dtype=numpy.int32),
    "int16": numpy.array([-300, 300], dtype=numpy.int16),
    "int8": numpy.array([-128, 127, 3], dtype=numpy.int8),
    "uint64": numpy.array([2**64 - 1], dtype=numpy.uint64),
    "uint32": numpy.array([2**32 - 1], dtype=numpy.uint32),
    "uint16": numpy.array([65535, 1, 2], dtype=numpy.uint16),
    "uint8": numpy.array([255, 0, 7], dtype=numpy.uint8),
    "bool": numpy.array([True, False, True]),
    "scalar": numpy.array(2.5, dtype=numpy.float32),
    "empty": numpy.zeros((0, 4), dtype=numpy.float32),
}


def make_safetensors():
    cases = [file_case("every type", safetensors.numpy.save(ARRAYS, metadata={"format": "np"}), ARRAYS)]
    golden.write("formats/safetensors", "safetensors.numpy.load", cases, [safetensors, numpy], seed=7, tolerance=0)


def make_numpy():
    plain, packed, fortran = io.BytesIO(), io.BytesIO(), io.BytesIO()
    numpy.savez(plain, **ARRAYS)
    numpy.savez_compressed(packed, **ARRAYS)
    odd = {
        "fortran": numpy.asfortranarray(RANDOM.standard_normal((2, 3, 4)).astype(numpy.float32)),
        "big": numpy.arange(6, dtype=">f4").reshape(2, 3),
        "big fortran": numpy.asfortranarray(numpy.arange(6, dtype=">i2").reshape(3, 2)),
    }
    numpy.savez(fortran, **odd)
    cases = [
        file_case("stored", plain.getvalue(), ARRAYS),
        file_case("compressed", packed.getvalue(), ARRAYS),
        file_case("axis and byte order", fortran.getvalue(), odd),
    ]
    for version in [(1, 0), (2, 0), (3, 0)]:
        single = io.BytesIO()
        numpy.lib.format.write_array(single, ARRAYS["float32"], version=version)
        cases.append(file_case(f"npy version {version[0]}", single.getvalue(), {"array": ARRAYS["float32"]}))
    for name, array in {"texts": numpy.array(["a"]), "complex": numpy.array([1j]), "records": numpy.zeros(1, dtype=[("a", "<f4")])}.items():
        single = io.BytesIO()
        numpy.save(single, array)
        cases.append(file_case(f"npy of {name}", single.getvalue(), {}, refused="FILE_UNSUPPORTED"))
    golden.write("formats/numpy", "numpy.load", cases, [numpy], seed=7, tolerance=0)


def torch_file(value, **options):
    content = io.BytesIO()
    torch.save(value, content, **options)
    return content.getvalue()


def make_pytorch():
    torch.manual_seed(7)
    model = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2))
    optimizer = torch.optim.AdamW(model.parameters())
    model(torch.randn(4, 3)).sum().backward()
    optimizer.step()
    state = model.state_dict()
    base = torch.arange(24, dtype=torch.float32).reshape(2, 3, 4)
    views = {"whole": base, "transposed": base.permute(2, 0, 1), "part": base[1, :, 1:3], "row": base[1, 2], "empty": base[:0], "scalar": torch.tensor(3)}
    types = {
        str(dtype).replace("torch.", ""): torch.tensor([0, 1, 3]).to(dtype)
        for dtype in [torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool]
    }
    checkpoint = {"epoch": 3, "name": "run", "rate": 1e-3, "done": None, "big": 2**40, "model": state, "optimizer": optimizer.state_dict()}
    moments = {
        f"optimizer.state.{i}.{key}": value for i, entry in optimizer.state_dict()["state"].items() for key, value in entry.items()
    }
    nested = {f"model.{key}": value for key, value in state.items()} | moments
    cases = [
        file_case("state of a module", torch_file(state), state),
        file_case("checkpoint", torch_file(checkpoint), nested),
        file_case("protocol 4", torch_file(checkpoint, pickle_protocol=4), nested),
        file_case("views", torch_file(views), views),
        file_case("types", torch_file(types), types),
        file_case("list and parameter", torch_file([torch.nn.Parameter(base[0]), base.shape]), {"0": base[0]}),
        file_case("whole module", torch_file(model), {}, refused="FILE_UNSUPPORTED", names="torch.nn.modules.container.Sequential"),
        file_case("dtype", torch_file({"a": torch.float32}), {}, refused="FILE_UNSUPPORTED", names="torch.float32"),
        file_case("old format", torch_file(state, _use_new_zipfile_serialization=False), {}, refused="FILE_UNSUPPORTED", names="1.6"),
        file_case("expanded view", torch_file({"a": torch.zeros(1).expand(1000)}), {}, refused="FILE_UNSUPPORTED", names="a"),
    ]
    golden.write("formats/pytorch", "torch.load", cases, [torch], seed=7, tolerance=0)


def make_half_precision():
    bits = numpy.concatenate([RANDOM.integers(0, 2**32, 3000, dtype=numpy.uint32), numpy.arange(0x38000000, 0x39000000, 0x7FF1, dtype=numpy.uint32)])
    edges = [0.0, -0.0, 65504, 65519.996, 65520, 1e6, 2**-14, 2**-24, 2**-25, 2**-25 * 1.0001, 1.5 * 2**-24, 6.1e-5, 2049, 2051, 1e-45, numpy.inf, -numpy.inf, 1 + 2**-11, 1 + 3 * 2**-11]
    values = numpy.concatenate([bits.view(numpy.float32), numpy.array(edges, dtype=numpy.float32), RANDOM.standard_normal(2000).astype(numpy.float32) * 1e-4])
    values = values[~numpy.isnan(values)]
    with numpy.errstate(over="ignore"):
        halves = values.astype(numpy.float16)
    halves = halves.view(numpy.uint16)
    cases = [golden.case("float32 to float16", {"values": values}, {"halves": raw(halves.tobytes())})]
    golden.write("formats/half-precision", "numpy.float16", cases, [numpy], seed=7, tolerance=0)


def every_tensor():
    """Each way TensorProto can hold elements: raw and in the typed fields."""
    tensors, arrays = [], {}
    for name in ["float32", "float64", "float16", "int64", "int32", "int16", "int8", "uint64", "uint32", "uint16", "uint8", "bool", "scalar", "empty"]:
        array = ARRAYS[name]
        arrays[f"raw {name}"] = array
        tensors.append(numpy_helper.from_array(array, f"raw {name}"))
        kind = helper.np_dtype_to_tensor_dtype(array.dtype)
        arrays[f"typed {name}"] = array
        tensors.append(helper.make_tensor(f"typed {name}", kind, array.shape, array.flatten()))
    brain = torch.tensor([1.0, -2.5, 3.0]).to(torch.bfloat16)
    arrays["typed bfloat16"] = brain
    tensors.append(helper.make_tensor("typed bfloat16", TensorProto.BFLOAT16, [3], [1.0, -2.5, 3.0]))
    return tensors, arrays


def make_onnx():
    inner = helper.make_graph([helper.make_node("Identity", ["x"], ["then"])], "inner", [], [helper.make_tensor_value_info("then", TensorProto.FLOAT, None)])
    attributes = dict(
        an_int=-3, a_big=2**63 - 1, a_small=-(2**63), a_float=0.1, a_text="ünï", some_ints=[1, -1, 2**40], some_floats=[0.5, -1.5], some_texts=["a", ""],
        a_tensor=numpy_helper.from_array(ARRAYS["int32"], "inside"), a_graph=inner,
    )
    node = helper.make_node("Everything", ["x", "", "w"], ["y"], name="the node", domain="test.domain", **attributes)
    tensors, arrays = every_tensor()
    graph = helper.make_graph(
        [node], "a graph",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", 3, None]), helper.make_tensor_value_info("unranked", TensorProto.INT64, None)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT16, [])],
        tensors, doc_string="what it is", value_info=[helper.make_tensor_value_info("between", TensorProto.BOOL, [0])],
    )
    scaled = helper.make_node("LeakyRelu", ["a"], ["b"])
    reference = onnx.AttributeProto(name="alpha", ref_attr_name="slope", type=onnx.AttributeProto.FLOAT)
    scaled.attribute.append(reference)
    function = helper.make_function(
        "test.domain", "Everything", ["a"], ["b"], [scaled], [helper.make_opsetid("", 20)], attributes=["slope"],
        attribute_protos=[helper.make_attribute("gain", 2.0)],
    )
    model = helper.make_model(
        graph, producer_name="golden", producer_version="1", opset_imports=[helper.make_opsetid("", 20), helper.make_opsetid("test.domain", 1)],
        ir_version=10, functions=[function],
    )
    helper.set_model_props(model, {"author": "nobody", "note": ""})
    external = onnx.ModelProto.FromString(model.SerializeToString())
    external.graph.initializer[0].data_location = TensorProto.EXTERNAL
    external.graph.initializer[0].external_data.add(key="location", value="elsewhere.bin")
    texts = onnx.ModelProto.FromString(model.SerializeToString())
    texts.graph.initializer.append(helper.make_tensor("texts", TensorProto.STRING, [1], [b"a"]))
    cases = [
        file_case("every attribute and tensor", model.SerializeToString(), arrays),
        file_case("external data", external.SerializeToString(), {}, refused="FILE_UNSUPPORTED", names="elsewhere.bin"),
        file_case("texts", texts.SerializeToString(), {}, refused="FILE_UNSUPPORTED", names="texts"),
    ]
    golden.write("formats/onnx", "onnx.load_model_from_string", cases, [onnx], seed=7, tolerance=0)


def make_histograms():
    inputs = {"normal": RANDOM.standard_normal(1000), "constant": numpy.full(5, 0.25), "none": numpy.zeros(0), "two": numpy.array([-1.0, 3.0])}
    cases = []
    for name, values in inputs.items():
        summary = summary_v2.histogram_pb("h", values)
        cases.append(golden.case(name, {"values": values}, {"buckets": tensor_util.make_ndarray(summary.value[0].tensor)}))
    golden.write("formats/histogram", "tensorboard.plugins.histogram.summary_v2.histogram_pb", cases, [tensorboard, numpy], seed=7, tolerance=1e-12)


def make_events():
    """What PyTorch's own writer leaves on disk: scalars and pictures in the older form, texts and hyper-parameters as plugins."""
    with tempfile.TemporaryDirectory() as folder:
        writer = SummaryWriter(folder)
        writer.add_scalar("loss", 0.5, 7, walltime=2.0)
        writer.add_scalar("loss", -0.25, 2**40, walltime=3.0)
        writer.add_scalar("new style", 1.5, 8, walltime=3.5, new_style=True)
        writer.add_text("note", "two words", 9, walltime=4.0)
        writer.add_image("picture", numpy.arange(12, dtype=numpy.uint8).reshape(1, 3, 4), 10, walltime=5.0)
        writer.close()
        content = next(pathlib.Path(folder).iterdir()).read_bytes()
    golden.write("formats/events", "torch.utils.tensorboard.SummaryWriter", [golden.case("writer", {"file": raw(content)}, {})], [torch, tensorboard], tolerance=0)


def make_checksums():
    data = RANDOM.integers(0, 256, 1003, dtype=numpy.uint8)
    cases = [golden.case("crc32", {"bytes": data}, {"crc": numpy.array([zlib.crc32(data.tobytes())], dtype=numpy.float64)})]
    golden.write("formats/crc32", "zlib.crc32", cases, [numpy], seed=7, tolerance=0)


if __name__ == "__main__":
    torch.set_num_threads(1)
    make_safetensors()
    make_numpy()
    make_pytorch()
    make_half_precision()
    make_onnx()
    make_histograms()
    make_events()
    make_checksums()
