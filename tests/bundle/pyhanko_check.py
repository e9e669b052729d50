"""What pyHanko says of an unpacked bundle: the detached CAdES signature, its time-stamp, the archive time-stamp.

    pyhanko_check.py FOLDER SIGNER_ROOT.pem TSA_ROOT.pem

pyHanko does not read ASiC containers: it is given the signed manifest and the signature file, and the archive manifest and its token.
Revocation is judged by the lists inside the signature file, none is fetched.
"""

import asyncio
import hashlib
import sys
from pathlib import Path

from asn1crypto import cms
from pyhanko.keys import load_cert_from_pemder
from pyhanko.sign.validation import async_validate_detached_cms
from pyhanko.sign.validation.generic_cms import validate_tst_signed_data
from pyhanko_certvalidator import ValidationContext

folder, signer_root, tsa_root = Path(sys.argv[1]), sys.argv[2], sys.argv[3]


def signed_data(path):
    return cms.ContentInfo.load((folder / path).read_bytes(), strict=True)["content"]


def context(root, lists):
    return ValidationContext(
        trust_roots=[load_cert_from_pemder(root)], crls=lists, allow_fetching=False, revocation_mode="require"
    )


def say(what, status):
    words = [word for word, true in (("intact", status.intact), ("valid", status.valid), ("trusted", status.trusted)) if true]
    print(f"{what}: {', '.join(words)}")
    return status.intact and status.valid and status.trusted


async def main():
    signature = signed_data("META-INF/signature001.p7s")
    lists = [choice.chosen for choice in signature["crls"]]
    with (folder / "META-INF/ASiCManifest001.xml").open("rb") as manifest:
        status = await async_validate_detached_cms(
            manifest,
            signature,
            signer_validation_context=context(signer_root, lists),
            ts_validation_context=context(tsa_root, lists),
        )
    good = say("signature", status)
    good &= status.timestamp_validity is not None and say("signature time-stamp", status.timestamp_validity)
    token = signed_data("META-INF/timestamp001.tst")
    lists = [choice.chosen for choice in token["crls"]]
    digest = hashlib.sha256((folder / "META-INF/ASiCArchiveManifest.xml").read_bytes()).digest()
    archive = await validate_tst_signed_data(token, context(tsa_root, lists), digest)
    words = [word for word in ("intact", "valid") if archive[word]]
    words += ["trusted"] if archive.get("trust_problem_indic") is None and archive.get("validation_path") else []
    print(f"archive time-stamp: {', '.join(words)}")
    return 0 if good and len(words) == 3 else 1


sys.exit(asyncio.run(main()))
