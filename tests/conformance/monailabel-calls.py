"""The client of PyPI's monailabel against a server: every call it has, each checked by what it gives back.

Usage: monailabel-calls.py URL IMAGE_ID IMAGE_FILE LABEL_FILE MODEL FOLDER [USER PASSWORD]

IMAGE_ID is a series of the archive, IMAGE_FILE (.nii.gz) a scan and LABEL_FILE a label map of IMAGE_ID.
With a user the server must ask for credentials, without one it must not. Prints a line a check.
"""

import gzip
import os
import sys
import time

from monailabel.client import MONAILabelClient
from monailabel.client.client import MONAILabelClientException

url, image_id, image_file, label_file, model, folder, *credentials = sys.argv[1:]
client = MONAILabelClient(url, tmpdir=folder, client_id="conformance")


def check(name, call):
    """Runs one check: `call` returns what it found wrong, or nothing."""
    try:
        wrong = call()
    except Exception as error:  # Whatever a client throws is what is looked for.
        wrong = f"{type(error).__name__} {getattr(error, 'msg', error)}"
    line = " ".join(str(wrong).split())[:300]
    print(f"FAILED {name}: {line}" if wrong else f"ok     {name}", flush=True)


def unless(right, found):
    return None if right else f"got {found!r}"


def voxels(path):
    with gzip.open(path) as file:
        return file.read()[352:]


def auth_enabled():
    return unless(client.auth_enabled() is bool(credentials), client.auth_enabled())


def auth_token():
    if not credentials:
        # Without authentication there is no such route: a client that asks all the same is told so.
        try:
            return unless(False, client.auth_token("somebody", "something"))
        except MONAILabelClientException as error:
            return unless(error.status_code == 404, error.status_code)
    try:
        return unless(False, client.auth_token(credentials[0], "not the password"))
    except MONAILabelClientException as error:
        if error.status_code != 401:
            return f"wrong password: {error.status_code}"
    token = client.auth_token(*credentials)
    client.update_auth(token)
    return unless(token["token_type"] == "Bearer" and token["access_token"], "another token")


def auth_valid_token():
    return unless(client.auth_valid_token() is bool(credentials), client.auth_valid_token())


def info():
    said = client.info()
    missing = {"name", "description", "version", "labels", "models", "trainers", "strategies", "scoring", "train_stats", "datastore"} - set(said)
    right = not missing and said["models"][model]["type"] in ("segmentation", "deepedit") and said["datastore"]["total"] > 0
    return unless(right, missing or said)


def next_sample():
    sample = client.next_sample("random", {"note": "x"})
    return unless({"id", "path", "PatientID", "strategy"} <= set(sample), sample)


def infer_image():
    file, params = client.infer(model, image_id, {"result_extension": ".nii.gz"})
    truth = len(voxels(label_file))
    right = len(voxels(file)) == truth and params["label_names"] and params["latencies"]["total"] >= 0
    return unless(right, (file, params))


def infer_nrrd():
    file, params = client.infer(model, image_id, {"result_extension": ".nrrd", "result_dtype": "uint8"})
    with open(file, "rb") as written:
        head = written.read(8)
    return unless(file.endswith(".nrrd") and head.startswith(b"NRRD"), (file, head))


def infer_file():
    file, params = client.infer(model, "", {}, file=image_file)
    return unless(os.path.getsize(file) > 0 and "label_names" in params, params)


def infer_with_label():
    file, params = client.infer(model, image_id, {"label_info": [{"name": "all", "idx": 1}]}, label_in=label_file)
    return unless(os.path.getsize(file) > 0 and "centroids" in params, params)


session = {}


def create_session():
    made = client.create_session(image_file)
    session["id"] = made["session_id"]
    keys = {"name", "path", "image", "meta", "create_ts", "last_access_ts", "expiry"}
    return unless(set(made["session_info"]) == keys and made["session_info"]["image"] == os.path.basename(image_file), made)


def infer_session():
    file, params = client.infer(model, "", {}, session_id=session["id"])
    return unless(os.path.getsize(file) > 0 and "label_names" in params, params)


def get_session():
    return unless(client.get_session(session["id"])["name"] == session["id"], "another session")


def remove_session():
    client.remove_session(session["id"])
    try:
        return unless(False, client.get_session(session["id"]))
    except MONAILabelClientException as error:
        return unless(error.status_code == 404, error.status_code)


def upload_image():
    answer = client.upload_image(image_file, "sent-by-client", {"origin": "conformance"})
    return unless(answer == {"image": "sent-by-client"}, answer)


def save_label():
    answer = client.save_label(image_id, label_file, params={"label_info": [{"name": "ball", "idx": 1}]})
    return unless(answer["image"] == image_id and answer["label"] == image_id, answer)


def save_label_with_tag():
    answer = client.save_label(image_id, label_file, tag="version_1", params={"label_info": [{"name": "ball", "idx": 1}]})
    return unless(answer["label"] == image_id, answer)


def datastore():
    objects = client.datastore()["objects"]
    labels = objects[image_id]["labels"]
    right = "sent-by-client" in objects and {"final", "version_1"} <= set(labels) and labels["final"]["info"]["params"]["label_names"] == {"ball": 1}
    return unless(right, objects)


def download_label():
    file = client.download_label(image_id, "final")
    return unless(file.endswith(".nii.gz") and voxels(file) == voxels(label_file), file)


def wsi_infer():
    try:
        nothing, body = client.wsi_infer(model, image_id, output="json")
    except MONAILabelClientException as error:
        # This call brings no token at all: where one is asked for, it must be refused.
        return unless(bool(credentials) and "401" in error.msg, error.msg)
    return unless(not credentials and nothing is None and b"label_names" in body, body)


def train_idle():
    return unless(client.train_status(check_if_running=True) is False, "one that runs")


def train_start():
    task = client.train_start(model, {"name": "from-client", "minutes": 1})
    return unless(task["status"] in ("SUBMITTED", "RUNNING") and {"id", "request", "start_ts", "details"} <= set(task), task)


def train_status():
    task = client.train_status()
    for _ in range(300):
        if task["status"] == "RUNNING" or not client.train_status(check_if_running=True):
            break
        time.sleep(0.1)
        task = client.train_status()
    return unless(task["status"] == "RUNNING", task)


def train_stop():
    task = client.train_stop()
    if task["status"] != "STOPPED":
        return f"got {task!r}"
    for _ in range(300):
        if not client.train_status(check_if_running=True):
            return None
        time.sleep(0.1)
    return "it goes on"


check("auth_enabled", auth_enabled)
check("auth_token", auth_token)
check("auth_valid_token", auth_valid_token)
check("info", info)
check("next_sample", next_sample)
check("infer of an image", infer_image)
# With a token, this call carries the Content-Type of the one before.
check("create_session", create_session)
check("infer of a session", infer_session)
check("get_session", get_session)
check("remove_session", remove_session)
check("infer as NRRD", infer_nrrd)
check("infer of a file", infer_file)
check("infer with a label", infer_with_label)
check("upload_image", upload_image)
check("save_label", save_label)
check("save_label with a tag", save_label_with_tag)
check("datastore", datastore)
check("download_label", download_label)
check("wsi_infer", wsi_infer)
check("train_status of an idle server", train_idle)
check("train_start", train_start)
check("train_status", train_status)
check("train_stop", train_stop)
