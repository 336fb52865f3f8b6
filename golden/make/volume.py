"""Golden answers for packages/volume: nibabel, pynrrd, scipy, MONAI."""

import tempfile

import golden
import monai
import nibabel
import nrrd
import numpy
import scipy
import scipy.ndimage as ndimage
import torch
from nibabel.orientations import aff2axcodes, apply_orientation, axcodes2ornt, io_orientation, ornt_transform
from scipy.spatial.transform import Rotation

RAS_TO_LPS = numpy.diag([-1.0, -1.0, 1.0, 1.0])
random = numpy.random.default_rng(0)


def affine(degrees=(10, -25, 40), spacing=(0.8, 1.5, 2.25), origin=(-31.5, 12.25, 7.0), flip=1):
    matrix = numpy.eye(4)
    matrix[:3, :3] = Rotation.from_euler("xyz", degrees, degrees=True).as_matrix() * numpy.array(spacing) * [1, 1, flip]
    matrix[:3, 3] = origin
    return matrix


def values(dtype, shape):
    if dtype.names:
        raw = random.integers(0, 256, (*shape, len(dtype.names)), dtype=numpy.uint8)
        return raw.view(dtype)[..., 0]
    if dtype.kind == "f":
        return random.normal(size=shape).astype(dtype)
    low, high = numpy.iinfo(dtype).min, numpy.iinfo(dtype).max
    return random.integers(low, high, shape, dtype=dtype, endpoint=True)


def planes(data):
    """Voxels in this project's order: x fastest, then y, z, time, component; 64-bit integers as bytes."""
    if data.dtype.names:
        data = numpy.stack([data[name] for name in data.dtype.names], axis=-1)
        data = data.reshape(data.shape[:3] + (1, data.shape[-1]))
    return numpy.ravel(data, order="F")


def stored(data):
    """As little-endian bytes, so that every type survives."""
    flat = planes(data)
    return numpy.frombuffer(flat.astype(flat.dtype.newbyteorder("<")).tobytes(), numpy.uint8)


def raw_image(kind, data, endian, change):
    """An image of which only the header fields are as `change` leaves them: to_bytes would set them anew."""
    header_class = nibabel.Nifti1Header if kind == 1 else nibabel.Nifti2Header
    header = header_class(endianness=endian)
    header.set_data_dtype(data.dtype)
    header.set_data_shape(data.shape)
    header["magic"] = header_class.single_magic
    header["vox_offset"] = 352 if kind == 1 else 544
    header["scl_slope"] = 1
    header["scl_inter"] = 0
    change(header)
    body = numpy.ravel(data, order="F").astype(data.dtype.newbyteorder(endian)).tobytes()
    content = header.binaryblock + bytes(4) + body
    image_class = nibabel.Nifti1Image if kind == 1 else nibabel.Nifti2Image
    return content, image_class.from_bytes(content)


def raw_case(name, kind, data, endian, change, expected_data=None, world=None, **options):
    content, image = raw_image(kind, data, endian, change)
    expected = {
        "affine": RAS_TO_LPS @ (image.affine if world is None else world),
        "size": numpy.array((list(data.shape) + [1, 1])[:3], numpy.int32),
        "voxels": stored(data if expected_data is None else expected_data),
    }
    return golden.case(name, {"file": numpy.frombuffer(content, numpy.uint8)}, expected, **options)


def set_forms(header, sform=None, qform=None):
    if qform is not None:
        header.set_qform(qform, code=1, strip_shears=True)
    if sform is not None:
        header.set_sform(sform, code=2)


RGB = numpy.dtype([("R", "u1"), ("G", "u1"), ("B", "u1")])
RGBA = numpy.dtype([("R", "u1"), ("G", "u1"), ("B", "u1"), ("A", "u1")])
DTYPES = ["uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64", "float32", "float64"]


def nifti_cases():
    cases = []
    shape = (3, 4, 2)
    for name in DTYPES:
        dtype = numpy.dtype(name)
        for kind in (1, 2):
            for order in ("<", ">"):
                title = f"{name} NIfTI-{kind} {'little' if order == '<' else 'big'} endian"
                data = values(dtype, shape)
                cases.append(raw_case(title, kind, data, order, lambda h: set_forms(h, affine(), affine()), dtype=name))
    for name, dtype in (("rgb24", RGB), ("rgba32", RGBA)):
        data = values(dtype, shape)
        cases.append(raw_case(name, 1, data, "<", lambda h: set_forms(h, affine()), dtype="uint8"))
    both = values(numpy.dtype("int16"), shape)
    other = affine((3, 5, 7), (1, 2, 3), (4, 5, 6))
    cases.append(raw_case("sform wins over qform", 1, both, "<", lambda h: set_forms(h, other, affine()), dtype="int16"))
    cases.append(raw_case("qform only", 1, both, "<", lambda h: set_forms(h, None, affine()), dtype="int16"))
    mirrored = affine(flip=-1)
    cases.append(raw_case("qform only, mirrored", 1, both, ">", lambda h: set_forms(h, None, mirrored), dtype="int16"))
    half = affine((180, 0, 0))
    cases.append(raw_case("qform only, half turn", 2, both, "<", lambda h: set_forms(h, None, half), dtype="int16"))
    sheared = affine() @ numpy.array([[1, 0.2, 0, 0], [0, 1, 0.1, 0], [0, 0, 1, 0], [0, 0, 0, 1.0]])
    cases.append(raw_case("sheared sform", 2, both, "<", lambda h: set_forms(h, sheared), dtype="int16"))
    # nibabel centres such a volume and mirrors x; the standard's method 1 does neither.
    world = numpy.diag([0.5, 2, 3, 1.0])
    cases.append(raw_case("neither form", 1, both, "<", lambda h: h.set_zooms((0.5, 2, 3)), world=world, dtype="int16"))

    def scaled(header):
        set_forms(header, affine())
        header["scl_slope"], header["scl_inter"] = 0.5, -1024

    for name, result in (("int16", "float32"), ("uint8", "float32"), ("int32", "float64"), ("float32", "float32")):
        data = values(numpy.dtype(name), shape)
        want = (data.astype("float64") * 0.5 - 1024).astype(result)
        cases.append(raw_case(f"scaled {name}", 1, data, "<", scaled, expected_data=want, dtype=result))

    def microns(header):
        set_forms(header, affine())
        header.set_xyzt_units("micron", "msec")

    world = affine()
    world[:3] *= 0.001
    data = values(numpy.dtype("uint8"), shape)
    cases.append(raw_case("microns", 2, data, "<", microns, world=world, dtype="uint8"))

    def timed(header):
        set_forms(header, affine())
        header.set_xyzt_units("mm", "msec")
        header["pixdim"][4] = 2500

    data = values(numpy.dtype("int16"), (3, 2, 2, 4))
    cases.append(raw_case("4-D", 1, data, "<", timed, dtype="int16", timePoints=4, timeStepSeconds=2.5))
    golden.write("volume/nifti", "nibabel.load", cases, [nibabel, numpy], tolerance=1e-6)


def nrrd_bytes(data, header):
    with tempfile.NamedTemporaryFile(suffix=".nrrd") as file:
        nrrd.write(file.name, data, header, index_order="F")
        return numpy.frombuffer(open(file.name, "rb").read(), numpy.uint8)


def nrrd_cases():
    cases = []
    spaces = {"left-posterior-superior": (1, 1, 1), "RAS": (-1, -1, 1), "left-anterior-superior": (1, -1, 1)}
    for number, name in enumerate(DTYPES):
        data = values(numpy.dtype(name), (3, 4, 2))
        for encoding in ("raw", "gzip", "ascii") if number % 3 == 0 else ("gzip",):
            space, signs = list(spaces.items())[number % 3]
            matrix = affine()
            header = {
                "space": space,
                "space directions": matrix[:3, :3].T,
                "space origin": matrix[:3, 3],
                "kinds": ["domain"] * 3,
                "encoding": encoding,
                "endian": "big" if number % 2 and encoding != "ascii" else "little",
            }
            if encoding == "ascii":
                # pynrrd writes text with 17 digits.
                data = data.round(3) if data.dtype.kind == "f" else (data >> (data.dtype.itemsize * 8 - 7)).astype(name)
            swapped = data.astype(data.dtype.newbyteorder(">")) if header["endian"] == "big" else data
            expected = {"affine": numpy.diag([*signs, 1.0]) @ matrix, "size": numpy.array([3, 4, 2], numpy.int32), "voxels": stored(data)}
            cases.append(golden.case(f"{name} {encoding} {space}", {"file": nrrd_bytes(swapped, header)}, expected, dtype=name))
    directions = affine()[:3, :3].T
    nothing = numpy.full((1, 3), numpy.nan)
    for place in ("leading", "trailing"):
        data = values(numpy.dtype("int16"), (3, 3, 4, 2))
        stack = [nothing, directions] if place == "leading" else [directions, nothing]
        kinds = ["vector", "domain", "domain", "domain"] if place == "leading" else ["domain"] * 3 + ["vector"]
        if place == "trailing":
            data = numpy.moveaxis(data, 0, -1)
        header = {"space": "LPS", "space directions": numpy.vstack(stack), "space origin": [1, 2, 3], "kinds": kinds}
        want = numpy.moveaxis(data, 0, -1) if place == "leading" else data
        matrix = affine(origin=(1, 2, 3))
        expected = {"affine": matrix, "size": numpy.array(want.shape[:3], numpy.int32), "voxels": stored(want)}
        cases.append(golden.case(f"{place} vector axis", {"file": nrrd_bytes(data, header)}, expected, dtype="int16", components=3))
    golden.write("volume/nrrd", "nrrd.read", cases, [nrrd, numpy], tolerance=1e-12)


def orientation_cases():
    cases = []
    for number in range(24):
        degrees = random.uniform(-180, 180, 3) if number % 2 else random.integers(0, 4, 3) * 90.0 + 10
        matrix = affine(degrees, flip=random.choice([-1, 1]))
        data = random.integers(0, 100, (3, 4, 2)).astype("int16")
        wanted = ("LPS", "RAS", "SAL", "PIR")[number % 4]
        change = ornt_transform(io_orientation(matrix), axcodes2ornt(tuple(wanted)))
        turned = apply_orientation(data, change)
        world = matrix @ nibabel.orientations.inv_ornt_aff(change, data.shape)
        expected = {"affine": RAS_TO_LPS @ world, "voxels": planes(turned).astype("int32"), "size": numpy.array(turned.shape, numpy.int32)}
        inputs = {"affine": RAS_TO_LPS @ matrix, "voxels": planes(data).astype("int32")}
        codes = "".join(aff2axcodes(matrix))
        cases.append(golden.case(f"{codes} to {wanted}", inputs, expected, codes=codes, wanted=wanted, size=[3, 4, 2]))
    golden.write("volume/orientation", "nibabel.orientations.apply_orientation", cases, [nibabel, numpy], tolerance=1e-9)


def smooth(shape):
    return ndimage.gaussian_filter(random.normal(size=shape), 0.7) * 100


def resample_cases():
    cases = []
    shape = (7, 9, 6)
    source = RAS_TO_LPS @ affine((0, 0, 0), (1.5, 1, 2), (3, 4, 5))
    shared = source @ numpy.array([[0.61, 0, 0, -0.93], [0, 1.69, 0, 0.35], [0, 0, 0.44, 0.41], [0, 0, 0, 1]])
    permuted = source @ numpy.array([[0, 0.61, 0, -0.93], [0, 0, -1.69, 6.35], [0.44, 0, 0, 0.41], [0, 0, 0, 1]])
    oblique = source @ affine((8, -12, 20), (0.9, 0.8, 0.7), (-0.7, 1.3, 0.2))
    grids = {"shared axes": (shared, (12, 6, 11)), "permuted axes": (permuted, (11, 12, 5)), "oblique": (oblique, (8, 9, 7))}
    for title, (target, size) in grids.items():
        for name, order in (("nearest", 0), ("linear", 1), ("cubic", 3)):
            kind = "float32" if title == "permuted axes" else "float64"
            data = smooth(shape).astype(kind)
            index = numpy.indices(size).reshape(3, -1)
            mapping = numpy.linalg.inv(source) @ target
            places = mapping[:3, :3] @ index + mapping[:3, 3:]
            limits = numpy.array(shape)[:, None] - 1
            mode = "mirror" if order == 3 else "nearest"
            edge = ndimage.map_coordinates(data.astype("float64"), numpy.clip(places, 0, limits), order=order, mode=mode)
            beyond = ((places < -0.5) | (places > limits + 0.5)).any(axis=0)
            inputs = {"voxels": planes(data), "source": source, "target": target}
            expected = {"edge": planes(edge.reshape(size)), "outside": planes(beyond.reshape(size))}
            options = {"interpolation": name, "size": list(shape), "targetSize": list(size)}
            cases.append(golden.case(f"{name}, {title}, {kind}", inputs, expected, **options))
    parity = "scipy.ndimage.map_coordinates(order=0|1|3, mode='mirror', coordinates clipped to the volume)"
    golden.write("volume/resample", parity, cases, [scipy, numpy], tolerance=3e-6)


def spacing_cases():
    """nnU-Net resamples with skimage's resize, which is ndimage.zoom with grid_mode and mode nearest."""
    cases = []
    for spacing, wanted in (((1.5, 1, 2), (1, 1, 1)), ((1, 1, 3), (2, 1.7, 1.2)), ((0.7, 0.7, 5), (1.4, 1.4, 1.4))):
        shape = (10, 9, 8)
        data = smooth(shape)
        size = numpy.round(numpy.array(spacing) / wanted * shape).astype(int)
        zoomed = ndimage.zoom(data, size / numpy.array(shape), order=1, mode="nearest", grid_mode=True)
        inputs = {"voxels": planes(data)}
        expected = {"voxels": planes(zoomed), "size": size.astype("int32")}
        options = {"spacing": list(spacing), "wanted": list(wanted), "size": list(shape)}
        cases.append(golden.case(f"{spacing} to {wanted}", inputs, expected, **options))
    golden.write("volume/spacing", "scipy.ndimage.zoom(order=1, mode='nearest', grid_mode=True)", cases, [scipy, numpy], tolerance=1e-9)


def monai_spacing_cases():
    cases = []
    for wanted, mode in (((1, 1, 1), "bilinear"), ((2, 1.7, 1.2), "bilinear"), ((0.7, 2.3, 2.9), "nearest")):
        shape = (8, 9, 7)
        matrix = affine(spacing=(1.5, 1, 2))
        image = monai.data.MetaTensor(torch.from_numpy(smooth(shape))[None], affine=torch.from_numpy(matrix))
        spacing = monai.transforms.Spacing(pixdim=wanted, mode=mode, padding_mode="border", dtype=numpy.float64)
        result = spacing(image)
        inputs = {"voxels": planes(image[0].numpy()), "affine": RAS_TO_LPS @ matrix}
        expected = {
            "voxels": planes(result[0].numpy()),
            "size": numpy.array(result.shape[1:], numpy.int32),
            "affine": RAS_TO_LPS @ result.affine.numpy(),
        }
        interpolation = {"bilinear": "linear"}.get(mode, mode)
        options = {"wanted": list(wanted), "size": list(shape), "interpolation": interpolation}
        cases.append(golden.case(f"to {wanted}, {mode}", inputs, expected, **options))
    parity = "monai.transforms.Spacing(padding_mode='border')"
    golden.write("volume/monai-spacing", parity, cases, [monai, numpy, torch], tolerance=1e-6)


nifti_cases()
nrrd_cases()
orientation_cases()
resample_cases()
spacing_cases()
monai_spacing_cases()
