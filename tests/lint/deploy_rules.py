#!/usr/bin/python3
"""compose.yaml and kubernetes/*.yaml: readable, pinned images, nobody is root, probes, known settings only."""
import glob
import os
import re

import yaml

from common import complain, finish, read

SETTING = re.compile(r"\bMEGURI_[A-Z0-9_]+")
TABLE_ROW = re.compile(r'^ *SETTING_\w+\("([A-Z0-9_]+)"', re.M)
# Settings of the scripts, not of the programs.
SCRIPT_SETTINGS = {"MEGURI_ADMIN_DSN", "MEGURI_BUILD_LOCK", "MEGURI_CLUSTER_DIR", "MEGURI_CLUSTER_FAST", "MEGURI_ROUTES",
                   "MEGURI_PROXY_SOCKET", "MEGURI_TENANTS", "MEGURI_REGISTERS", "MEGURI_SCHEDULING",
                   "MEGURI_NOTIFICATIONS", "MEGURI_TENANTS_ADMIN_PORT", "MEGURI_REGISTERS_ADMIN_PORT",
                   "MEGURI_SCHEDULING_ADMIN_PORT", "MEGURI_NOTIFICATIONS_ADMIN_PORT", "MEGURI_BIND_OPTIONS", "MEGURI_URL", "MEGURI_EMAIL", "MEGURI_PASSWORD", "MEGURI_TOKEN"}


def containers(document):
    spec = document.get("spec", {})
    template = spec.get("jobTemplate", {}).get("spec", spec).get("template", {}).get("spec", {})
    return template, template.get("initContainers", []) + template.get("containers", [])


def check_image(where, image):
    if ":" not in image.rpartition("/")[2] or image.endswith(":latest"):
        complain(where, f"image {image} names no version")


def check_kubernetes(path):
    for document in filter(None, yaml.safe_load_all(read(path))):
        where = f"{path} {document.get('kind')}"
        for member in ("apiVersion", "kind", "metadata"):
            if member not in document:
                complain(where, f"{member} is missing")
        template, found = containers(document)
        if found and not template.get("securityContext", {}).get("runAsNonRoot"):
            complain(where, "securityContext.runAsNonRoot is missing")
        for container in found:
            check_image(where, container["image"])
            if "resources" not in container:
                complain(where, f"container {container['name']} has no resources")
            if document["kind"] == "Deployment" and "readinessProbe" not in container:
                complain(where, f"container {container['name']} has no readinessProbe")


def check_compose(path):
    document = yaml.safe_load(read(path))
    for name, service in document["services"].items():
        if "image" not in service and "build" not in service:
            complain(f"{path} {name}", "neither image nor build")
        if "build" not in service:
            check_image(f"{path} {name}", service["image"])
        for dependency in service.get("depends_on", {}):
            if dependency not in document["services"]:
                complain(f"{path} {name}", f"depends on {dependency}, which is not there")
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if not source.startswith((".", "/")) and source not in document.get("volumes", {}):
                complain(f"{path} {name}", f"volume {source} is not declared")


def check_settings():
    if not os.path.exists("api/config.c"):
        return
    known = {"MEGURI_" + name for name in TABLE_ROW.findall(read("api/config.c"))} | SCRIPT_SETTINGS
    for path in ["deploy/compose.yaml", "deploy/run", *glob.glob("deploy/systemd/*"), *glob.glob("deploy/kubernetes/*")]:
        if os.path.exists(path):
            for name in sorted(set(SETTING.findall(read(path))) - known):
                complain(path, f"{name} is no setting of the programs")


for file in glob.glob("deploy/kubernetes/*.yaml"):
    check_kubernetes(file)
if os.path.exists("deploy/compose.yaml"):
    check_compose("deploy/compose.yaml")
check_settings()
finish()
