"""pynetdicom against our services: `dimse.py` starts serve-dimse.ts, asks it everything, and prints one line a check."""

import pathlib
import subprocess
import sys

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, JPEG2000Lossless, SecondaryCaptureImageStorage, generate_uid
from pynetdicom import AE, build_role, evt
from pynetdicom.pdu_primitives import UserIdentityNegotiation
from pynetdicom.sop_class import (
    StorageCommitmentPushModel,
    StudyRootQueryRetrieveInformationModelFind as Find,
    StudyRootQueryRetrieveInformationModelGet as Get,
    StudyRootQueryRetrieveInformationModelMove as Move,
    Verification,
)

HERE = pathlib.Path(__file__).resolve().parent
NODE = HERE.parent.parent / "node_modules" / ".bin" / "node"
COUNT = 20
failed = 0


def check(name, got, expected):
    global failed
    failed += got != expected
    print(f"{'ok    ' if got == expected else 'FAILED'} {name}: {got!r}" + ("" if got == expected else f", expected {expected!r}"))


def picture(number, study):
    dataset = Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = SecondaryCaptureImageStorage, generate_uid()
    dataset.StudyInstanceUID, dataset.PatientName, dataset.PatientID = study, "Phantom^One", "P1"
    dataset.InstanceNumber, dataset.Rows, dataset.Columns = number, 100, 100
    dataset.PixelData = bytes([number]) * 10000
    dataset["PixelData"].VR = "OW"
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return dataset


def ask(port, target, received):
    ae = AE("PYNETDICOM")
    for uid in (Verification, Find, Get, Move, StorageCommitmentPushModel):
        ae.add_requested_context(uid)
    ae.add_requested_context(SecondaryCaptureImageStorage, [ExplicitVRLittleEndian, JPEG2000Lossless])
    identity = UserIdentityNegotiation()
    identity.user_identity_type, identity.primary_field = 1, b"ada"
    roles = [build_role(SecondaryCaptureImageStorage, scu_role=True, scp_role=True)]
    got = []
    handlers = [(evt.EVT_C_STORE, lambda event: got.append(event.dataset.InstanceNumber) or 0x0000)]
    peer = ae.associate("127.0.0.1", port, ext_neg=[*roles, identity], evt_handlers=handlers)
    check("association", peer.is_established, True)
    check("echo", peer.send_c_echo().Status, 0)
    study = generate_uid()
    check("store", {peer.send_c_store(picture(number, study)).Status for number in range(COUNT)}, {0})
    query = Dataset()
    query.QueryRetrieveLevel, query.StudyInstanceUID, query.PatientName = "STUDY", study, ""
    found = list(peer.send_c_find(query, Find))
    check("find", [len(found), found[-1][0].Status, str(found[0][1].PatientName)], [COUNT + 1, 0, "Phantom^One"])
    moved = [status for status, _ in peer.send_c_move(query, "TARGET", Move)]
    check("move", [moved[-1].Status, moved[-1].NumberOfCompletedSuboperations, len(received)], [0, COUNT, COUNT])
    check("move to nobody", [status.Status for status, _ in peer.send_c_move(query, "NOBODY", Move)], [0xA801])
    fetched = [status for status, _ in peer.send_c_get(query, Get)]
    check("get", [fetched[-1].Status, sorted(got)], [0, list(range(COUNT))])
    action = Dataset()
    action.TransactionUID = generate_uid()
    status, _ = peer.send_n_action(action, 1, StorageCommitmentPushModel, "1.2.840.10008.1.20.1.1")
    check("commit", status.Status, 0)
    cancelled = []
    for status, _ in peer.send_c_find(query, Find, msg_id=77):
        cancelled.append(status.Status)
        if len(cancelled) == 1:
            peer.send_c_cancel(77, query_model=Find)
    check("cancel", cancelled[-1] in (0xFE00, 0), True)
    peer.release()
    check("release", peer.is_released, True)


received = []
store = AE("TARGET")
store.add_supported_context(SecondaryCaptureImageStorage)
target = store.start_server(
    ("127.0.0.1", 0), block=False, evt_handlers=[(evt.EVT_C_STORE, lambda event: received.append(event.dataset) or 0x0000)]
)
command = [str(NODE), str(HERE / "serve-dimse.ts"), str(target.server_address[1])]
with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as archive:
    try:
        ask(int(archive.stdout.readline()), target, received)
    finally:
        archive.stdin.close()
        target.shutdown()
print(f"{failed} failed")
sys.exit(failed > 0)
