"""PDUs, command sets and the state table as pynetdicom has them: golden/dicom-network/*.json."""

import re

import golden
import numpy
import pydicom
import pynetdicom
from pydicom.dataset import Dataset
from pynetdicom import pdu, pdu_primitives
from pynetdicom.dsutils import encode
from pynetdicom.fsm import ACTIONS, TRANSITION_TABLE
from pynetdicom.presentation import PresentationContext

MODULES = [pynetdicom, pydicom]
IMPLICIT, EXPLICIT, JPEG = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.4.50"
CT, VERIFICATION = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.1.1"


def raw(content):
    return numpy.frombuffer(content, dtype=numpy.uint8)


def made(kind, **values):
    primitive = kind()
    for name, value in values.items():
        setattr(primitive, name, value)
    return primitive


def context(number, abstract, transfers, result=None):
    made_context = PresentationContext()
    made_context.context_id = number
    made_context.abstract_syntax = abstract
    made_context.transfer_syntax = transfers
    if result is not None:
        made_context.result = result
    return made_context


def basics():
    return [
        made(pdu_primitives.MaximumLengthNotification, maximum_length_received=16382),
        made(pdu_primitives.ImplementationClassUIDNotification, implementation_class_uid="1.2.826.0.1.3680043.9.3811"),
    ]


def role():
    return made(pdu_primitives.SCP_SCU_RoleSelectionNegotiation, sop_class_uid=CT, scu_role=False, scp_role=True)


def version():
    return made(pdu_primitives.ImplementationVersionNameNotification, implementation_version_name="PYNETDICOM_304")


def negotiations():
    window = made(
        pdu_primitives.AsynchronousOperationsWindowNegotiation,
        maximum_number_operations_invoked=5,
        maximum_number_operations_performed=2,
    )
    extended = made(
        pdu_primitives.SOPClassExtendedNegotiation, sop_class_uid=CT, service_class_application_information=b"\x02\x00\x03\x00"
    )
    common = made(
        pdu_primitives.SOPClassCommonExtendedNegotiation,
        sop_class_uid="1.2.840.10008.5.1.4.1.1.4",
        service_class_uid="1.2.840.10008.4.2",
        related_general_sop_class_identification=["1.2.840.10008.5.1.4.1.1.88.22", "1.2.840.10008.5.1.4.1.1.88.33"],
    )
    identity = made(
        pdu_primitives.UserIdentityNegotiation,
        user_identity_type=2,
        positive_response_requested=True,
        primary_field=b"ada",
        secondary_field=b"p4ss",
    )
    return [*basics(), window, role(), version(), extended, common, identity]


def association(contexts, user, accepted=False):
    primitive = pdu_primitives.A_ASSOCIATE()
    primitive.application_context_name = "1.2.840.10008.3.1.1.1"
    primitive.calling_ae_title = "ECHOSCU"
    primitive.called_ae_title = "ANY-SCP"
    primitive.user_information = user
    if accepted:
        primitive.result = 0
        primitive.presentation_context_definition_results_list = contexts
    else:
        primitive.presentation_context_definition_list = contexts
    return primitive


def encoded(kind, primitive):
    result = kind()
    result.from_primitive(primitive)
    return result.encode()


def data(*values):
    primitive = pdu_primitives.P_DATA()
    primitive.presentation_data_value_list = [list(value) for value in values]
    return encoded(pdu.P_DATA_TF, primitive)


def pdus():
    proposal = [context(1, VERIFICATION, [IMPLICIT]), context(3, CT, [JPEG, EXPLICIT, IMPLICIT])]
    results = [context(1, VERIFICATION, [IMPLICIT], 0), context(3, CT, [JPEG], 4)]
    answer = made(pdu_primitives.UserIdentityNegotiation, server_response=b"ticket")
    abort = made(pdu_primitives.A_P_ABORT, provider_reason=6)
    return {
        "request": encoded(pdu.A_ASSOCIATE_RQ, association(proposal, basics())),
        "request with every negotiation": encoded(pdu.A_ASSOCIATE_RQ, association(proposal, negotiations())),
        "acceptance": encoded(pdu.A_ASSOCIATE_AC, association(results, [*basics(), role(), version(), answer], True)),
        "rejection": encoded(
            pdu.A_ASSOCIATE_RJ, made(pdu_primitives.A_ASSOCIATE, result=1, result_source=1, diagnostic=7)
        ),
        "data": data((1, b"\x03command"), (3, b"\x02data set")),
        "release request": pdu.A_RELEASE_RQ().encode(),
        "release response": pdu.A_RELEASE_RP().encode(),
        "abort by the provider": encoded(pdu.A_ABORT_RQ, abort),
    }


def command_sets():
    everything = {
        "AffectedSOPClassUID": CT,
        "CommandField": 0x8021,
        "MessageIDBeingRespondedTo": 7,
        "MoveDestination": "STORESCP",
        "Priority": 2,
        "CommandDataSetType": 0x0101,
        "Status": 0xB000,
        "OffendingElement": [0x00100020, 0x0020000D],
        "ErrorComment": "odd",
        "ErrorID": 9,
        "AffectedSOPInstanceUID": "1.2.3",
        "EventTypeID": 1,
        "AttributeIdentifierList": [0x00080018],
        "ActionTypeID": 1,
        "NumberOfRemainingSuboperations": 4,
        "NumberOfCompletedSuboperations": 3,
        "NumberOfFailedSuboperations": 2,
        "NumberOfWarningSuboperations": 1,
        "MoveOriginatorApplicationEntityTitle": "MOVESCU",
        "MoveOriginatorMessageID": 65535,
    }
    echo = {"AffectedSOPClassUID": VERIFICATION, "CommandField": 0x30, "MessageID": 1, "CommandDataSetType": 0x0101}
    return {"echo request": echo, "every element of a response": everything}


def command_bytes(values):
    dataset = Dataset()
    dataset.CommandGroupLength = 0
    for name, value in values.items():
        setattr(dataset, name, value)
    dataset.CommandGroupLength = len(encode(dataset, True, True)) - 12
    return encode(dataset, True, True)


def transitions():
    rows = {}
    for (event, state), action in TRANSITION_TABLE.items():
        after = ACTIONS[action][-1]
        rows[f"{event} {state}"] = " ".join([action, after] if isinstance(after, str) else [action, *after])
    return dict(sorted(rows.items(), key=lambda row: [int(number) for number in re.findall(r"\d+", row[0])]))


cases = [golden.case(name, {}, {"bytes": raw(content)}) for name, content in pdus().items()]
golden.write("dicom-network/pdus", "pynetdicom.pdu.PDU", cases, MODULES, tolerance=0)
cases = [golden.case(name, {}, {"bytes": raw(command_bytes(each))}, **each) for name, each in command_sets().items()]
golden.write("dicom-network/command-sets", "pynetdicom.dsutils.encode", cases, MODULES, tolerance=0)
cases = [golden.case("every cell", {}, {}, **transitions())]
golden.write("dicom-network/state-table", "pynetdicom.fsm.TRANSITION_TABLE", cases, MODULES, tolerance=0)
