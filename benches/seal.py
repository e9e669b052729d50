"""Sealing and verifying mixed evidence with `probant bundle --attach` and `probant verify`, beside `sha256sum` + `zip -6` and bagit.py."""

import os
import pathlib
import re
import shutil
import subprocess
import sys

import measure

CONFIG = """[organisation]
name = "Bench"
[signing]
create = true
passphrase_file = "passphrase.txt"
[source.comptes]
kind = "table"
system = "APPLI"
record = "accounts"
path = "comptes.csv"
read = { format = "csv", delimiter = "," }
fields = { login = "compte" }
"""


def store(binary, work):
    """A store with one small snapshot, so that what is sealed is the evidence."""
    folder = work / "seal-store"
    if not (folder / "store").exists():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "probant.toml").write_text(CONFIG)
        (folder / "passphrase.txt").write_text("une phrase assez longue\n")
        (folder / "comptes.csv").write_text("compte\nam\n")
        for command in (["keys", "create"], ["harvest"]):
            subprocess.run([binary, *command, "--config", folder / "probant.toml", "--quiet"], check=True, stdout=subprocess.DEVNULL)
    return folder


def total(folder):
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def hashing_rate():
    """Bytes a second of CPU that OpenSSL hashes on this machine, in its cache."""
    said = subprocess.run(["openssl", "speed", "-mr", "-seconds", "3", "-bytes", "65536", "-evp", "sha256"], capture_output=True, text=True, check=True)
    return float(re.search(r"^\+F:\d+:sha256:([\d.]+)", said.stdout, re.MULTILINE)[1])


def run(binary, data, noise, work, rounds):
    """Runs of every contestant: seal, then verify what was sealed. Everything made is removed."""
    if not shutil.which("zip") or not shutil.which("unzip"):
        raise SystemExit("zip and unzip are needed; on Debian: apt-get install zip unzip")
    work.mkdir(parents=True, exist_ok=True)
    folder = store(binary, work)
    bundles, anchor = folder / "store" / "bundles", folder / "store" / "keys" / "seal.cert.pem"
    archive, sums, bag = work / "peer.zip", work / "peer.sha256", work / "bag"
    sizes = {}

    def empty():
        for path in [*bundles.glob("*"), archive, sums]:
            path.unlink(missing_ok=True)
        shutil.rmtree(bag, ignore_errors=True)

    def linked():
        empty()
        subprocess.run(["cp", "-al", data, bag], check=True)

    def sealed(what):
        return [binary, "bundle", "--config", folder / "probant.toml", "--attach", what, "--quiet"]

    def verified(_=None):
        (bundle,) = bundles.glob("*.asice")
        return [binary, "verify", bundle, "--anchor", anchor, "--quiet"]

    def size(name, path):
        def of(_):
            sizes[name] = path().stat().st_size
            return {"bytes": total(data)}
        return of

    def same(_):
        return {"bytes": total(data)}

    peer = f'cd "$1" && find . -type f -print0 | sort -z | xargs -0 sha256sum > "$2" && zip -6 -q -r "$3" .'
    check = 'unzip -tq "$3" > /dev/null && cd "$1" && sha256sum -c --strict --quiet "$2"'
    shell = lambda script: ["sh", "-c", script, "sh", data, sums, archive]
    bagit = [sys.executable, "-m", "bagit", "--quiet"]
    jobs = {
        "probant": (empty, lambda: measure.once(sealed(data)), size("probant", lambda: next(bundles.glob("*.asice")))),
        "probant verify": (lambda: None, lambda: measure.once(verified()), same),
        "sha256sum + zip -6": (empty, lambda: measure.once(shell(peer)), size("zip", lambda: archive)),
        "unzip -t + sha256sum -c": (lambda: None, lambda: measure.once(shell(check)), same),
        "bagit.py (no compression)": (linked, lambda: measure.once([*bagit, "--sha256", bag]), lambda _: {}),
        "bagit.py --validate": (lambda: None, lambda: measure.once([*bagit, "--validate", bag]), lambda _: {}),
        "probant, noise alone": (empty, lambda: measure.once(sealed(noise)), lambda _: {}),
        "probant verify, noise alone": (lambda: None, lambda: measure.once(verified()), lambda _: {}),
    }
    try:
        runs = measure.interleaved(rounds, jobs)
        measure.agreed({name: of_one for name, of_one in runs.items() if "noise" not in name and "bagit" not in name}, ["bytes"])
    finally:
        empty()
    rate = hashing_rate()
    hashed = total(noise) / min(run["user"] for run in runs["probant verify, noise alone"])
    extra = {
        "bytes": total(data), "files": sum(len(names) for _, _, names in os.walk(data)), "sealed": sizes, "noise": total(noise),
        "openssl_sha256_bytes_per_cpu_second": round(rate), "verify_noise_bytes_per_user_second": round(hashed),
    }
    return runs, extra
