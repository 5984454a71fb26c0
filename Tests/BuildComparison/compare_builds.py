#!/usr/bin/env python3
"""Compares two builds: two steps of training and the whole evaluation of every recipe, bit for bit.

    python3 Tests/BuildComparison/compare_builds.py OLD/concord NEW/concord [RECIPE ...]

Each program stands beside its *.resources folders. Recipes run on one thread, on small excerpts of their data; those
whose data, or the run that they begin from, are not to be had are said to be left out. Exit code 1 where anything differs.
"""

import hashlib
import json
import os
import pathlib
import struct
import subprocess
import sys
import tempfile

COMMON = ["seeds=[0]", "threads=1", "training.epochs=1", "training.warmupSteps=0"]

BY_DATA = {
    "emoji": ["data.folds=1", "data.emoji.validationFraction=0.85", "data.emoji.testFraction=0.05", "training.batchSize=150"],
    "digits": ["data.digits.source=generated", "data.digits.trainingPairs=128", "data.digits.validationPairs=80",
               "data.digits.testPairs=90", "training.batchSize=64"],
    "nlvr": ["data.nlvr.permutations=1", "data.nlvr.validationFraction=0.83", "data.nlvr.testFraction=0.1",
             "training.batchSize=100"],
}

BY_EXPERIMENT = {
    "gmc": ["evaluation.accuracy.epochs=2"],
    "compare": ["evaluation.accuracy.epochs=2", "method.fusion.superEpoch=1"],
    "fdt": ["evaluation.shownObservations=60", "evaluation.concepts.observations=60",
            "evaluation.trackedObservations=40"],
}


def ask(program, *arguments):
    answer = subprocess.run([program, *arguments], capture_output=True, text=True, check=True)
    return json.loads(answer.stdout)


def tensors(path):
    """The digest of each tensor of a safetensors file."""
    content = path.read_bytes()
    (size,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8 : 8 + size])
    start = 8 + size
    return {
        name: hashlib.sha256(content[start + entry["data_offsets"][0] : start + entry["data_offsets"][1]]).hexdigest()
        for name, entry in header.items()
        if name != "__metadata__"
    }


def fingerprint(program, recipe):
    """Losses and gradients' norms by step, tensors and scores of a recipe; None where its data are not here."""
    settings = ask(program, "show", recipe, "--json")["settings"]
    data = settings["data"]["set"]
    if data not in BY_DATA or settings["init"]["from"] is not None:
        return None
    overrides = COMMON + BY_DATA[data] + BY_EXPERIMENT.get(recipe.split("/")[0], [])
    with tempfile.TemporaryDirectory() as runs:
        environment = dict(os.environ, OMP_NUM_THREADS="1")
        answer = subprocess.run([program, "run", recipe, *overrides, "--runs", runs], env=environment,
                                capture_output=True, text=True)
        if answer.returncode != 0:
            return {"error": answer.stderr.strip().splitlines()[-1]}
        seed = next(pathlib.Path(runs).glob("*/*/seed-0"))
        events = [json.loads(line) for line in (seed / "metrics.jsonl").read_text().splitlines()]
        return {
            "losses": [[e["terms"].get("total"), e["gradientNorm"]] for e in events if "gradientNorm" in e],
            "tensors": tensors(seed / "checkpoint.safetensors"),
            "scores": {" | ".join([s["evaluator"], s["subject"], s["metric"]]): s["value"]
                       for s in json.loads((seed / "scores.json").read_text())["scores"]},
        }


def differences(old, new):
    """In a few words what differs."""
    if "error" in old or "error" in new:
        return [f"{name}: {side['error']}" for name, side in (("old", old), ("new", new)) if "error" in side]
    found = []
    if old["losses"] != new["losses"]:
        found.append(f"losses {old['losses'][0]} → {new['losses'][0]}")
    # Paths may be called otherwise, so contents are compared.
    lost = set(old["tensors"].values()) - set(new["tensors"].values())
    if lost:
        found.append(f"{len(lost)} of {len(old['tensors'])} tensors")
    gone = sorted(set(old["scores"]) - set(new["scores"]))
    if gone:
        found.append(f"scores gone: {'; '.join(gone[:3])}{' …' if len(gone) > 3 else ''}")
    other = [s for s in old["scores"] if s in new["scores"] and old["scores"][s] != new["scores"][s]]
    if other:
        first = other[0]
        found.append(f"{len(other)} scores, the first {first}: {old['scores'][first]} → {new['scores'][first]}")
    return found


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    old, new, *wanted = sys.argv[1:]
    recipes = [entry["name"] for entry in ask(new, "list", "--json")]
    differing = 0
    for recipe in recipes:
        if wanted and recipe not in wanted:
            continue
        first, second = fingerprint(old, recipe), fingerprint(new, recipe)
        if first is None or second is None:
            print(f"{recipe}: left out, its data or the run that it begins from are not here")
            continue
        found = differences(first, second)
        differing += bool(found)
        print(f"{recipe}: {'; '.join(found) or 'the same bits'}", flush=True)
    sys.exit(1 if differing else 0)


if __name__ == "__main__":
    main()
