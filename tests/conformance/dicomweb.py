"""PyPI dicomweb-client against our DICOMweb: `dicomweb.py URL [TOKEN]` asks it everything, and prints one line a check."""

import io
import sys

import numpy
import pydicom
import requests
from dicomweb_client.api import DICOMwebClient
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import generate_frames
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, JPEGLSLossless, RLELossless, generate_uid

FRAMES, ROWS, COLUMNS = 3, 17, 24
failed = 0


def check(name, got, expected):
    global failed
    failed += bool(got != expected)
    print(f"{'ok    ' if got == expected else 'FAILED'} {name}" + ("" if got == expected else f": {got!r}, expected {expected!r}"))


def image(study, series, number, frames=1):
    dataset = Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = CTImageStorage, generate_uid()
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = study, series
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.PatientName, dataset.PatientID = "Müller^Zoë=山田^太郎", "P-1"
    dataset.PatientBirthDate, dataset.PatientSex = "19700101", "F"
    dataset.StudyDate, dataset.StudyTime, dataset.StudyID = "20240229", "101500", "S1"
    dataset.AccessionNumber, dataset.ReferringPhysicianName = "ACC-7", ""
    dataset.StudyDescription, dataset.Modality = "Thorax", "CT"
    dataset.SeriesNumber, dataset.InstanceNumber = 4, number
    dataset.RescaleSlope, dataset.RescaleIntercept = 1, -1024
    dataset.WindowCenter, dataset.WindowWidth = 40, 400
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.Rows, dataset.Columns = ROWS, COLUMNS
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 16, 12, 11, 0
    if frames > 1:
        dataset.NumberOfFrames = frames
    dataset.PixelData = numpy.random.default_rng(number).integers(0, 4096, (frames, ROWS, COLUMNS), "uint16").tobytes()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    return dataset


def frames_of(dataset):
    size = ROWS * COLUMNS * 2
    return [dataset.PixelData[at:at + size] for at in range(0, len(dataset.PixelData), size)]


def store(client, study, images):
    answer = client.store_instances(images)
    check("store, referenced", len(answer.ReferencedSOPSequence), len(images))
    check("store, nothing failed", "FailedSOPSequence" in answer, False)
    check("store, retrieve URL", answer.RetrieveURL.endswith(f"/studies/{study}"), True)
    again = client.store_instances(images[:1])
    check("store again, referenced", len(again.ReferencedSOPSequence), 1)
    changed = image(study, images[0].SeriesInstanceUID, 99)
    changed.SOPInstanceUID = changed.file_meta.MediaStorageSOPInstanceUID = images[0].SOPInstanceUID
    try:
        client.store_instances([changed])
        check("other bytes under a UID", "stored", 409)
    except requests.HTTPError as error:
        check("other bytes under a UID", error.response.status_code, 409)
        answer = Dataset.from_json(error.response.json())
        check("other bytes, reason", answer.FailedSOPSequence[0].FailureReason, 0x0111)


def search(client, study, images):
    def uids(found, keyword):
        return [Dataset.from_json(one)[keyword].value for one in found]

    filters = {"StudyInstanceUID": study}
    found = client.search_for_studies(search_filters=filters)
    check("search, study", uids(found, "StudyInstanceUID"), [study])
    one = Dataset.from_json(found[0])
    check("search, name", str(one.PatientName), "Müller^Zoë=山田^太郎")
    check("search, counts", (one.NumberOfStudyRelatedSeries, one.NumberOfStudyRelatedInstances), (2, len(images)))
    check("search, modalities", one.ModalitiesInStudy, "CT")
    for name, value in [("PatientName", "Mü*"), ("00100020", "P-1"), ("StudyDate", "20240101-20241231"), ("ModalitiesInStudy", "CT"), ("AccessionNumber", "ACC-?")]:
        check(f"search by {name}", uids(client.search_for_studies(search_filters={**filters, name: value}), "StudyInstanceUID"), [study])
    check("search, none", client.search_for_studies(search_filters={"PatientID": "nobody"}), [])
    check("search, fuzzy", len(client.search_for_studies(fuzzymatching=True, search_filters={**filters, "PatientName": "zoe"})), 1)
    check("search, all series", len(client.search_for_series(search_filters=filters)), 2)
    check("search, series of study", len(client.search_for_series(study)), 2)
    check("search, instances of study", len(client.search_for_instances(study)), len(images))
    first = images[0].SeriesInstanceUID
    check("search, instances of series", len(client.search_for_instances(study, first)), 2)
    check("search, paged", len(client.search_for_instances(study, limit=1, offset=1)), 1)
    check("search, remaining", len(client.search_for_instances(study, limit=1, get_remaining=True)), len(images))
    fields = client.search_for_instances(study, fields=["BitsAllocated", "00280010"])
    check("search, fields", {(Dataset.from_json(each).BitsAllocated, Dataset.from_json(each).Rows) for each in fields}, {(16, ROWS)})
    try:
        client.search_for_studies(search_filters={"NoSuchThing": "1"})
        check("search, unknown attribute", 200, 400)
    except requests.HTTPError as error:
        check("search, unknown attribute", error.response.status_code, 400)


def retrieve(client, study, images):
    single, multi = images[0], images[-1]
    address = (study, multi.SeriesInstanceUID, multi.SOPInstanceUID)
    check("study", sorted(each.SOPInstanceUID for each in client.retrieve_study(study)), sorted(each.SOPInstanceUID for each in images))
    check("study, streamed", len(list(client.iter_study(study))), len(images))
    check("series", len(client.retrieve_series(study, single.SeriesInstanceUID)), 2)
    got = client.retrieve_instance(*address)
    check("instance", (got.PixelData, got.PatientName), (multi.PixelData, multi.PatientName))
    got = client.retrieve_instance(*address, media_types=[("application/dicom", "*")])
    check("instance as stored", got.file_meta.TransferSyntaxUID, ExplicitVRLittleEndian)
    for syntax in (RLELossless, JPEGLSLossless):
        got = client.retrieve_instance(*address, media_types=[("application/dicom", syntax)])
        check(f"instance in {syntax.name}", (got.file_meta.TransferSyntaxUID, len(list(generate_frames(got.PixelData, number_of_frames=FRAMES)))), (syntax, FRAMES))
        if syntax == RLELossless:
            check("instance in RLE, pixels", got.pixel_array.astype("uint16").tobytes(), multi.PixelData)
    metadata = client.retrieve_study_metadata(study)
    check("study metadata", len(metadata), len(images))
    check("series metadata", len(client.retrieve_series_metadata(study, single.SeriesInstanceUID)), 2)
    metadata = client.retrieve_instance_metadata(*address)
    url = metadata["7FE00010"]["BulkDataURI"]
    check("metadata", Dataset.from_json({tag: each for tag, each in metadata.items() if tag != "7FE00010"}).PatientName, multi.PatientName)
    check("bulk data", b"".join(client.retrieve_bulkdata(url)), multi.PixelData)
    check("bulk data of octets", client.retrieve_bulkdata(url, media_types=("application/octet-stream",)), [multi.PixelData])


def frames(client, study, images):
    multi = images[-1]
    address = (study, multi.SeriesInstanceUID, multi.SOPInstanceUID)
    wanted = frames_of(multi)
    check("frames", client.retrieve_instance_frames(*address, [1, 3]), [wanted[0], wanted[2]])
    check("frames, streamed", list(client.iter_instance_frames(*address, [2])), [wanted[1]])
    check("frames of octets", client.retrieve_instance_frames(*address, [2], media_types=("application/octet-stream",)), [wanted[1]])
    for media_type, start in [("image/jls", b"\xff\xd8"), ("image/jp2", b"\xff\x4f"), ("image/jpeg", b"\xff\xd8")]:
        got = client.retrieve_instance_frames(*address, [1, 2], media_types=(media_type,))
        check(f"frames as {media_type}", [frame[:2] for frame in got], [start, start])
    for call, name in [
        (lambda kind: client.retrieve_instance_rendered(*address, media_types=(kind,)), "instance"),
        (lambda kind: client.retrieve_instance_frames_rendered(*address, [2], media_types=(kind,)), "frame"),
        (lambda kind: client.retrieve_series_rendered(*address[:2], media_types=(kind,)), "series"),
    ]:
        for kind, magic in [("image/png", b"\x89PNG"), ("image/jpeg", b"\xff\xd8\xff")]:
            got = call(kind)
            check(f"{name} rendered as {kind}", (got if isinstance(got, bytes) else got[0])[:len(magic)], magic)
    rendered = client.retrieve_instance_rendered(*address, media_types=("image/png",), params={"window": "40,400,linear"})
    check("rendered with a window", rendered[:4], b"\x89PNG")
    try:
        client.retrieve_instance_frames(*address, [FRAMES + 1])
        check("a frame that is not there", 200, 404)
    except requests.HTTPError as error:
        check("a frame that is not there", error.response.status_code, 404)


def remove(client, study, images):
    client.delete_instance(study, images[0].SeriesInstanceUID, images[0].SOPInstanceUID)
    check("instance removed", len(client.search_for_instances(study)), len(images) - 1)
    client.delete_series(study, images[-1].SeriesInstanceUID)
    check("series removed", len(client.search_for_series(study)), 1)
    client.delete_study(study)
    check("study removed", client.search_for_studies(search_filters={"StudyInstanceUID": study}), [])


def main():
    session = requests.Session()
    if len(sys.argv) > 2:
        session.headers["Authorization"] = f"Bearer {sys.argv[2]}"
    study, series = generate_uid(), generate_uid()
    images = [image(study, series, 1), image(study, series, 2), image(study, generate_uid(), 3, FRAMES)]
    # Both ways that the client writes a body: in one piece, and in chunks.
    for chunk_size in (10**6, 1000):
        client = DICOMwebClient(url=f"{sys.argv[1]}/dicom-web", session=session, chunk_size=chunk_size)
        store(client, study, images)
        search(client, study, images)
        retrieve(client, study, images)
        frames(client, study, images)
        remove(client, study, images)
    print(f"{failed} failed")
    return int(failed > 0)


sys.exit(main())
