"""Times how fast a ViT-B/32 CLIP embeds pictures and texts in Concord, PyTorch (open_clip) and onnxruntime, in turn.

    python inference_peer.py --concord .build/release/concord [--rounds 3] [--batch 32] [--calls 7] [--threads 2]

open_clip makes the model with random weights and writes it as a checkpoint; Concord imports it and writes it as ONNX, in
float32 and with 8-bit integers, so that all sides compute the same numbers (their rows are compared: the cosine to
open_clip's in float32 is printed). Arms, each in a process of its own: Concord in float32, bfloat16 and int8; open_clip
eager and compiled in float32 and with bfloat16 weights; onnxruntime in float32 and int8. A ratio is the faster peer's
median call divided by Concord's in the same precision and round. Needs `pip install torch open_clip_torch onnxruntime`.
"""
import argparse
import json
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time

SIDES = ["picture", "text"]
# The precisions of Concord, and the arms that each is held against.
PEERS = {"float32": ["eager", "compile", "onnxruntime"], "bfloat16": ["eager", "compile"], "int8": ["onnxruntime"]}


def items(side, batch):
    """The same items for every arm: pictures [n, 3, 224, 224], or token numbers [n, 77] that end with the last number."""
    import numpy
    random = numpy.random.default_rng(0)
    if side == "picture":
        return random.standard_normal((batch, 3, 224, 224), dtype=numpy.float32)
    tokens = random.integers(1, 49406, (batch, 77))
    tokens[:, 0], tokens[:, -1] = 49406, 49407
    return tokens


def make(folder):
    """Writes open_clip's ViT-B/32 with random weights as a checkpoint folder."""
    import open_clip
    import torch
    from safetensors.torch import save_file
    torch.manual_seed(0)
    model = open_clip.create_model("ViT-B-32", pretrained=None)
    folder.mkdir(parents=True, exist_ok=True)
    save_file({name: value.contiguous() for name, value in model.state_dict().items()},
              folder / "open_clip_model.safetensors")
    config = {"model_cfg": open_clip.get_model_config("ViT-B-32"), "preprocess_cfg": open_clip.get_model_preprocess_cfg(model)}
    (folder / "open_clip_config.json").write_text(json.dumps(config))
    vocabulary = pathlib.Path(open_clip.__file__).parent / "bpe_simple_vocab_16e6.txt.gz"
    (folder / vocabulary.name).write_bytes(vocabulary.read_bytes())


def peak_memory():
    """The most of this process's memory that was resident, in MB. What rusage says begins with that of the parent."""
    for line in pathlib.Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return round(int(line.split()[1]) / 1024, 1)
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)


def called(call, calls, batch):
    """Times calls and gives what a JSON line says of them."""
    times = []
    for number in range(calls + 2):
        start = time.perf_counter()
        rows = call()
        if number >= 2:
            times.append(time.perf_counter() - start)
    median = statistics.median(times)
    return rows, {"median_ms": round(median * 1e3, 3), "samples_per_s": round(batch / median, 1),
                  "peak_memory_mb": peak_memory()}


def time_here(arm, options):
    """Times one arm in this process and prints a JSON line; keeps open_clip's float32 rows for comparison."""
    import numpy
    folder, batch = pathlib.Path(options.work), options.batch
    inputs = items(options.side, batch)
    kept = folder / f"{options.side}-{batch}.npy"
    if arm == "onnxruntime":
        import onnxruntime
        settings = onnxruntime.SessionOptions()
        settings.intra_op_num_threads = options.threads
        name = "image" if options.side == "picture" else "text"
        file = folder / "onnx" / f"{name}{'.int8' if options.precision == 'int8' else ''}.onnx"
        session = onnxruntime.InferenceSession(str(file), settings, providers=["CPUExecutionProvider"])
        feed = {session.get_inputs()[0].name: inputs}
        rows, line = called(lambda: session.run(None, feed)[0], options.calls, batch)
    else:
        import open_clip
        import torch
        torch.set_num_threads(options.threads)
        torch.manual_seed(0)
        model = open_clip.create_model("ViT-B-32", pretrained=None).eval()
        x = torch.from_numpy(inputs)
        if options.precision == "bfloat16":
            model = model.to(torch.bfloat16)
            x = x.to(torch.bfloat16) if options.side == "picture" else x
        encode = model.encode_image if options.side == "picture" else model.encode_text
        if arm == "compile":
            encode = torch.compile(encode)
        with torch.inference_mode():
            rows, line = called(lambda: torch.nn.functional.normalize(encode(x).float()), options.calls, batch)
        rows = rows.numpy()
    if arm == "eager" and options.precision == "float32":
        numpy.save(kept, rows)
    if kept.exists():
        line["cosine"] = round(float((rows * numpy.load(kept)).sum(1).mean()), 5)
    print(json.dumps(line), flush=True)


def run(command):
    """Runs a command and returns the JSON lines that it prints."""
    environment = {name: value for name, value in os.environ.items() if name != "OPENBLAS_CORETYPE"}
    finished = subprocess.run(command, capture_output=True, text=True, env=environment)
    lines = [json.loads(line) for line in finished.stdout.splitlines() if line.startswith("{")]
    if finished.returncode or not lines:
        said = [line for line in finished.stderr.splitlines() if line.strip()]
        return [{"error": said[-1].strip() if said else f"exit code {finished.returncode}"}]
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--concord", help="the concord program")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--calls", type=int, default=7)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--work", help="where the checkpoint and the ONNX files go; a temporary folder otherwise")
    parser.add_argument("--arm", choices=["eager", "compile", "onnxruntime"], help=argparse.SUPPRESS)
    parser.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    parser.add_argument("--precision", choices=list(PEERS), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.arm:
        return time_here(options.arm, options)
    if not options.concord:
        parser.error("name the program: --concord .build/release/concord")
    with tempfile.TemporaryDirectory() as temporary:
        work = pathlib.Path(options.work or temporary)
        options.work = str(work)
        if not (work / "onnx").exists():
            make(work / "checkpoint")
            for command in [["import", str(work / "checkpoint"), "--output", str(work / "model")],
                            ["export", str(work / "model"), "--to", "onnx", "--output", str(work / "onnx")],
                            ["export", str(work / "model"), "--to", "onnx", "--int8", "--output", str(work / "onnx")]]:
                done = subprocess.run([options.concord] + command, capture_output=True, text=True)
                if done.returncode:
                    sys.exit(f"concord {command[0]}: {done.stderr.strip()}")
        compare(options)


def compare(options):
    """Runs all arms of every round and prints the table."""
    print("| side, precision | round | Concord (per s) | eager | compiled | onnxruntime | ratio | Concord (MB) | peers (MB) | "
          "cosine of Concord and peers |")
    print("| --- " + "| --: " * 9 + "|", flush=True)
    for number in range(1, options.rounds + 1):
        for side in SIDES:
            own = run([options.concord, "bench", "--inference", f"vit-b-32-{side}", "--json", "--batch", str(options.batch),
                       "--steps", str(options.calls), "--threads", str(options.threads)])
            for precision, arms in PEERS.items():
                mine = next((line for line in own if line.get("case", "").endswith(side)
                             and line.get("precision") == precision), own[0])
                peers = {arm: run([sys.executable, __file__, "--arm", arm, "--side", side, "--precision", precision,
                                   "--work", options.work, "--batch", str(options.batch), "--calls", str(options.calls),
                                   "--threads", str(options.threads)])[-1] for arm in arms}
                print(row(side, precision, number, mine, peers), flush=True)


def row(side, precision, number, mine, peers):
    """A row of the table."""
    def cell(line, key):
        return "failed" if "error" in line else f"{line[key]}"

    def cosine(line, key):
        return "failed" if "error" in line else f"{line[key]:.5f}"
    good = [line for line in peers.values() if "error" not in line]
    ratio = "none"
    if good and "error" not in mine:
        ratio = f"{min(line['median_ms'] for line in good) / mine['median_ms']:.2f}"
    cells = [f"{side}, {precision}", str(number), cell(mine, "samples_per_s")]
    cells += [cell(peers[arm], "samples_per_s") if arm in peers else "" for arm in ["eager", "compile", "onnxruntime"]]
    cells += [ratio, cell(mine, "peak_memory_mb"), " / ".join(cell(line, "peak_memory_mb") for line in peers.values())]
    cells += [" / ".join([cosine(mine, "mean_cosine")] + [cosine(line, "cosine") for line in peers.values()])]
    for arm, line in peers.items():
        if "error" in line:
            print(f"{side}, {precision}, {arm}: {line['error']}", file=sys.stderr)
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    main()
