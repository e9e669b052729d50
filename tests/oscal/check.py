"""Validates OSCAL documents against the official schemas, then their references. Usage: check.py FOLDER"""

import gzip
import json
import pathlib
import sys

import jsonschema
import regex

HERE = pathlib.Path(__file__).parent
DOCUMENTS = ["assessment-results", "component-definition"]
# Members whose value must be the identifier of something in the same document.
REFERENCES = {"observation-uuid", "risk-uuid", "subject-uuid", "actor-uuid", "component-uuid"}


def pattern(validator, expression, instance, schema):
    """The `pattern` keyword with Unicode classes (ECMA 262), which Python's `re` lacks."""
    if isinstance(instance, str) and not regex.search(expression, instance):
        yield jsonschema.ValidationError(f"{instance!r} does not match {expression!r}")


Validator = jsonschema.validators.extend(jsonschema.Draft7Validator, {"pattern": pattern})


def walk(value, found):
    """Collects identifiers, references and local links."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "uuid":
                found["uuids"].append(inner)
            elif key in REFERENCES:
                found["references"].append(inner)
            elif key == "href" and inner.startswith("#"):
                found["references"].append(inner[1:])
            elif key == "target-id":
                found["targets"].append(inner)
            elif key == "id":
                found["ids"].append(inner)
            walk(inner, found)
    elif isinstance(value, list):
        for inner in value:
            walk(inner, found)


def problems(name, document):
    schema = json.loads(gzip.decompress((HERE / f"{name}.schema.json.gz").read_bytes()))
    checker = jsonschema.FormatChecker()
    for error in Validator(schema, format_checker=checker).iter_errors(document):
        yield f"{'/'.join(map(str, error.absolute_path))}: {error.message[:300]}"
    found = {"uuids": [], "references": [], "targets": [], "ids": []}
    walk(document, found)
    for twice in sorted({uuid for uuid in found["uuids"] if found["uuids"].count(uuid) > 1}):
        yield f"identifier used twice: {twice}"
    for missing in sorted(set(found["references"]) - set(found["uuids"])):
        yield f"refers to nothing: {missing}"
    for missing in sorted(set(found["targets"]) - set(found["ids"])):
        yield f"no such objective: {missing}"


def main():
    folder = pathlib.Path(sys.argv[1])
    failed = False
    for name in DOCUMENTS:
        document = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        for problem in problems(name, document):
            failed = True
            print(f"{name}: {problem}")
        print(f"{name}: looked at")
    sys.exit(1 if failed else 0)


main()
