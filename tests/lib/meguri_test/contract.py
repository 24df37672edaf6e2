"""openapi.yaml as the tests see it: operations by id, references resolved."""
import functools
import sys

from .paths import ROOT

sys.path.insert(0, str(ROOT / "deploy/build"))
from contract import METHODS, load  # noqa: E402  (the loader that the build uses)


class Contract:
    def __init__(self, path=ROOT / "openapi.yaml"):
        self.document = load(path)
        self.operations = {}
        for template, item in self.document["paths"].items():
            for method in sorted(METHODS & set(item)):
                operation = item[method]
                shared = [self.resolve(p) for p in item.get("parameters", [])]
                own = [self.resolve(p) for p in operation.get("parameters", [])]
                self.operations[operation["operationId"]] = operation | {
                    "method": method.upper(), "path": template, "parameters": shared + own}

    def resolve(self, node):
        """Follows $ref until something else is there."""
        while isinstance(node, dict) and "$ref" in node:
            here = self.document
            for part in node["$ref"].removeprefix("#/").split("/"):
                here = here[part.replace("~1", "/").replace("~0", "~")]
            node = here
        return node


@functools.cache
def shared():
    return Contract()
