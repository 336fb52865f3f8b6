"""pynetdicom against our DIMSE port: `dimse.py PORT AE_TITLE TARGET_PORT TARGET_TITLE` asks it everything, and prints one line a check."""

import sys
import threading

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, JPEG2000Lossless, SecondaryCaptureImageStorage, generate_uid
from pynetdicom import AE, build_role, evt
from pynetdicom.pdu_primitives import (
    AsynchronousOperationsWindowNegotiation,
    SOPClassExtendedNegotiation,
    UserIdentityNegotiation,
)
from pynetdicom.sop_class import (
    StorageCommitmentPushModel,
    StudyRootQueryRetrieveInformationModelFind as Find,
    StudyRootQueryRetrieveInformationModelGet as Get,
    StudyRootQueryRetrieveInformationModelMove as Move,
    Verification,
)

COUNT = 20
NAME = "Müller^Zoë"
failed = 0


def check(name, got, expected):
    global failed
    failed += got != expected
    print(f"{'ok    ' if got == expected else 'FAILED'} {name}" + ("" if got == expected else f": {got!r}, expected {expected!r}"))


def picture(number, study):
    dataset = Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = SecondaryCaptureImageStorage, generate_uid()
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = study, study[:50] + ".1"
    dataset.SpecificCharacterSet, dataset.PatientName, dataset.PatientID = "ISO_IR 192", NAME, "P1"
    dataset.StudyDate, dataset.StudyTime, dataset.Modality = "20240229", "101500", "OT"
    dataset.InstanceNumber, dataset.Rows, dataset.Columns = number, 100, 100
    dataset.PixelData = bytes([number]) * 10000
    dataset["PixelData"].VR = "OW"
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return dataset


def commit(peer, reports, instances):
    action = Dataset()
    action.TransactionUID = generate_uid()
    action.ReferencedSOPSequence = []
    for uid in instances:
        item = Dataset()
        item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = SecondaryCaptureImageStorage, uid
        action.ReferencedSOPSequence.append(item)
    before = len(reports)
    status, _ = peer.send_n_action(action, 1, StorageCommitmentPushModel, "1.2.840.10008.1.20.1.1")
    for _ in range(100):
        if len(reports) > before:
            break
        threading.Event().wait(0.05)
    return status.Status, reports[-1] if len(reports) > before else None


def ask(port, title, target, received):
    ae = AE("PYNETDICOM")
    for uid in (Verification, Find, Get, Move, StorageCommitmentPushModel):
        ae.add_requested_context(uid)
    ae.add_requested_context(SecondaryCaptureImageStorage, [ExplicitVRLittleEndian, JPEG2000Lossless])
    identity = UserIdentityNegotiation()
    identity.user_identity_type, identity.primary_field = 1, b"ada"
    relational = SOPClassExtendedNegotiation()
    relational.sop_class_uid, relational.service_class_application_information = Find, b"\x01\x01\x00\x01"
    window = AsynchronousOperationsWindowNegotiation()
    window.maximum_number_operations_invoked, window.maximum_number_operations_performed = 5, 1
    roles = [build_role(SecondaryCaptureImageStorage, scu_role=True, scp_role=True)]
    got, reports = [], []

    def on_report(event):
        information = event.event_information
        reports.append((event.event_type, len(information.get("ReferencedSOPSequence", [])), len(information.get("FailedSOPSequence", []))))
        return 0x0000, None

    handlers = [
        (evt.EVT_C_STORE, lambda event: got.append(event.dataset.InstanceNumber) or 0x0000),
        (evt.EVT_N_EVENT_REPORT, on_report),
    ]
    peer = ae.associate("127.0.0.1", port, ae_title=title, ext_neg=[*roles, identity, relational, window], evt_handlers=handlers)
    check("association", peer.is_established, True)
    if not peer.is_established:
        return
    check("extended negotiation", peer.acceptor.sop_class_extended.get(Find), b"\x01\x01\x00\x00")
    check("operations window", peer.acceptor.asynchronous_operations[0], 5)
    check("echo", peer.send_c_echo().Status, 0)
    study = generate_uid()
    pictures = [picture(number, study) for number in range(COUNT)]
    check("store", {peer.send_c_store(each).Status for each in pictures}, {0})
    check("store again", peer.send_c_store(pictures[0]).Status, 0)
    pictures[0].PatientName = "Phantom^Other"
    check("other bytes under a UID", peer.send_c_store(pictures[0]).Status, 0x0111)
    query = Dataset()
    query.QueryRetrieveLevel, query.StudyInstanceUID, query.PatientName, query.NumberOfStudyRelatedInstances = "STUDY", study, "", None
    found = list(peer.send_c_find(query, Find))
    check("find", [len(found), found[-1][0].Status, str(found[0][1].PatientName)], [2, 0, NAME])
    check("find counts", int(found[0][1].NumberOfStudyRelatedInstances), COUNT)
    query.SpecificCharacterSet = "ISO_IR 100"
    query.PatientName = "müller*"
    latin = list(peer.send_c_find(query, Find))[0][1]
    check("find in Latin 1", [latin and latin.SpecificCharacterSet, latin and str(latin.PatientName)], ["ISO_IR 100", NAME])
    del query.SpecificCharacterSet
    query.PatientName = ""
    moved = [status for status, _ in peer.send_c_move(query, target, Move)]
    check("move", [moved[-1].Status, moved[-1].NumberOfCompletedSuboperations, len(received)], [0, COUNT, COUNT])
    check("move to nobody", [status.Status for status, _ in peer.send_c_move(query, "NOBODY", Move)], [0xA801])
    fetched = [status for status, _ in peer.send_c_get(query, Get)]
    check("get", [fetched[-1].Status, sorted(got)], [0, list(range(COUNT))])
    uids = [each.SOPInstanceUID for each in pictures]
    check("commit", commit(peer, reports, uids), (0, (1, COUNT, 0)))
    check("commit what is not there", commit(peer, reports, [*uids, generate_uid()]), (0, (2, COUNT, 1)))
    images = Dataset()
    images.QueryRetrieveLevel, images.StudyInstanceUID, images.SeriesInstanceUID = "IMAGE", study, ""
    images.SOPInstanceUID, images.InstanceNumber = "", None
    cancelled = []
    for status, _ in peer.send_c_find(images, Find, msg_id=77):
        cancelled.append(status.Status)
        if len(cancelled) == 1:
            peer.send_c_cancel(77, query_model=Find)
    check("cancel", cancelled[-1] in (0xFE00, 0), True)
    peer.release()
    check("release", peer.is_released, True)


port, title, target_port, target_title = sys.argv[1:5]
received = []
store = AE(target_title)
store.add_supported_context(SecondaryCaptureImageStorage)
target = store.start_server(
    ("127.0.0.1", int(target_port)), block=False, evt_handlers=[(evt.EVT_C_STORE, lambda event: received.append(event.dataset) or 0x0000)]
)
try:
    ask(int(port), title, target_title, received)
finally:
    target.shutdown()
print(f"{failed} failed")
sys.exit(failed > 0)
