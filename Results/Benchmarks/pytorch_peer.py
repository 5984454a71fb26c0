"""Times the training steps of `concord bench` in PyTorch and in Concord, in turn, and prints the ratios.

    python pytorch_peer.py --concord .build/release/concord [--rounds 3] [--steps 15] [--threads 2] [CASE ...]

Each round runs every arm once, each in a process of its own: Concord, PyTorch as it is (eager), `torch.compile`, and
`torch.compile(mode="max-autotune")`, in float32 and in bfloat16, which PyTorch does under `torch.autocast`. A case's
ratio in a precision is the fastest PyTorch's median step divided by Concord's, of the same round. An arm that fails or
takes longer than --limit is named with its error and left out of the ratio. Memory is the most that each process had
resident; a compiled arm's has the compiler in it. The models are those that `concord bench` names: same layers, batch,
optimiser and parameter count, which is checked. Pictures and weights are channels last where convolutions take them,
which PyTorch is faster with. Needs `pip install torch`.
"""
import argparse
import json
import math
import os
import resource
import statistics
import subprocess
import sys
import time

NAMES = ["gmc-digits", "clip-vit", "fdt-1024", "fdt-16384", "moco-resnet", "vit-b-32", "resnet-50"]
PRECISIONS = ["float32", "bfloat16"]
MODES = ["eager", "compile", "max-autotune"]


def models():
    """The cases: for each name a function that returns (module, batch, optimiser, loss function)."""
    import torch
    from torch import nn
    from torch.nn import functional as F

    silu = nn.SiLU

    class Trunks(nn.Module):
        """GMC's encoders for image, sound and trajectory up to their features."""

        def __init__(self):
            super().__init__()
            self.image = nn.Sequential(
                nn.Conv2d(1, 64, 4, 2, 1, bias=False), silu(), nn.Conv2d(64, 128, 4, 2, 1, bias=False), silu(),
                nn.Flatten())
            stages, width = [], 1
            for out, kernel, stride, pad in [(128, (1, 128), 1, 0), (128, (4, 1), (2, 1), (1, 0)),
                                             (256, (4, 1), (2, 1), (1, 0))]:
                stages += [nn.Conv2d(width, out, kernel, stride, pad, bias=False), nn.BatchNorm2d(out), nn.ReLU()]
                width = out
            self.sound = nn.Sequential(*stages, nn.Flatten())
            self.trajectory = nn.Sequential(nn.Linear(200, 512), silu(), nn.Linear(512, 512), silu())

        def forward(self, x):
            return [self.image(x[0]), self.sound(x[1]), self.trajectory(x[2]), x[3]]

    class Digits(nn.Module):
        def __init__(self):
            super().__init__()
            self.single, self.joint = Trunks(), Trunks()
            self.project = nn.ModuleList(nn.Linear(n, 64) for n in (6272, 2048, 512, 10))
            self.project_joint = nn.Linear(8842, 64)
            self.head = nn.Sequential(nn.Linear(64, 512), silu(), nn.Linear(512, 512), silu(), nn.Linear(512, 64))

        def forward(self, x):
            def z(h):
                return F.normalize(self.head(h), dim=-1)

            joint = z(self.project_joint(torch.cat(self.joint(x), -1)))
            total, count = 0, len(joint)
            others = ~torch.eye(2 * count, dtype=torch.bool)
            for features, project in zip(self.single(x), self.project):
                one = z(project(features))
                both = torch.cat([joint, one])
                sums = (both @ both.T / 0.1).exp().masked_select(others).view(2 * count, -1).sum(-1)
                total = total + (sums.log() - ((joint * one).sum(-1) / 0.1).repeat(2)).mean()
            return total

    class Layer(nn.Module):
        """A pre-norm transformer layer."""

        def __init__(self, width, heads):
            super().__init__()
            self.heads = heads
            self.norms = nn.ModuleList([nn.LayerNorm(width), nn.LayerNorm(width)])
            self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
            self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

        def forward(self, x, causal):
            batch, tokens, width = x.shape
            q, k, v = (t.view(batch, tokens, self.heads, -1).transpose(1, 2)
                       for t in self.qkv(self.norms[0](x)).chunk(3, -1))
            attended = F.scaled_dot_product_attention(q, k, v, is_causal=causal)
            x = x + self.out(attended.transpose(1, 2).reshape(batch, tokens, width))
            return x + self.down(F.gelu(self.up(self.norms[1](x))))

    class Tower(nn.Module):
        def __init__(self, width, causal, layers=4, heads=3):
            super().__init__()
            self.causal = causal
            self.layers = nn.ModuleList(Layer(width, heads) for _ in range(layers))
            self.norm = nn.LayerNorm(width)

        def forward(self, x):
            for layer in self.layers:
                x = layer(x, self.causal)
            return self.norm(x)

    def sparsemax(scores):
        ordered = scores.sort(-1, descending=True)[0]
        sums = ordered.cumsum(-1)
        ranks = torch.arange(1, scores.shape[-1] + 1)
        support = (1 + ranks * ordered > sums).sum(-1, keepdim=True)
        return (scores - (sums.gather(-1, support - 1) - 1) / support).clamp_min(0)

    class Pair(nn.Module):
        """CLIP, or FDT where there are codes."""

        def __init__(self, codes, width=192, shared=128):
            super().__init__()
            self.patches = nn.Conv2d(3, width, 4, 4)
            self.token = nn.Parameter(torch.randn(1, 1, width) * 0.02)
            self.image_places = nn.Parameter(torch.randn(1, 65, width) * 0.02)
            self.words = nn.Embedding(2048, width)
            self.text_places = nn.Parameter(torch.randn(1, 24, width) * 0.02)
            self.image, self.text = Tower(width, False), Tower(width, True)
            self.scale = nn.Parameter(torch.tensor(math.log(1 / 0.07)))
            self.codes = None
            if not codes:
                self.image_out = nn.Linear(width, shared, bias=False)
                self.text_out = nn.Linear(width, shared, bias=False)
            else:
                self.codes = nn.Parameter(torch.randn(codes, shared))
                self.queries = nn.ModuleList(
                    nn.Sequential(nn.LayerNorm(width), nn.Linear(width, shared), nn.GELU(), nn.LayerNorm(shared),
                                  nn.Linear(shared, shared)) for _ in range(2))

        def ground(self, features, query):
            scores = query(features) @ self.codes.T / math.sqrt(self.codes.shape[1])
            return sparsemax(scores.amax(1)) @ self.codes

        def forward(self, pictures, texts):
            patches = self.patches(pictures).flatten(2).transpose(1, 2)
            image = self.image(torch.cat([self.token.expand(len(patches), -1, -1), patches], 1) + self.image_places)
            text = self.text(self.words(texts) + self.text_places)
            if self.codes is None:
                u, v = self.image_out(image[:, 0]), self.text_out(text[:, -1])
            else:
                u, v = self.ground(image[:, 1:], self.queries[0]), self.ground(text, self.queries[1])
            similarity = self.scale.exp() * F.normalize(u, dim=-1) @ F.normalize(v, dim=-1).T
            own = torch.arange(len(similarity))
            return (F.cross_entropy(similarity, own) + F.cross_entropy(similarity.T, own)) / 2

    class LargePair(nn.Module):
        """CLIP's ViT-B/32 and its text transformer, as published but for the exact GELU."""

        def __init__(self, shared=512):
            super().__init__()
            self.patches = nn.Conv2d(3, 768, 32, 32, bias=False)
            self.token = nn.Parameter(torch.randn(1, 1, 768) * 0.02)
            self.image_places = nn.Parameter(torch.randn(1, 50, 768) * 0.02)
            self.before = nn.LayerNorm(768)
            self.words = nn.Embedding(49408, 512)
            nn.init.normal_(self.words.weight, std=0.02)
            self.text_places = nn.Parameter(torch.randn(1, 77, 512) * 0.01)
            self.image, self.text = Tower(768, False, 12, 12), Tower(512, True, 12, 8)
            self.image_out = nn.Linear(768, shared, bias=False)
            self.text_out = nn.Linear(512, shared, bias=False)
            self.scale = nn.Parameter(torch.tensor(math.log(1 / 0.07)))

        def forward(self, pictures, texts):
            patches = self.patches(pictures).flatten(2).transpose(1, 2)
            tokens = torch.cat([self.token.expand(len(patches), -1, -1), patches], 1) + self.image_places
            u = self.image_out(self.image(self.before(tokens))[:, 0])
            v = self.text_out(self.text(self.words(texts) + self.text_places)[:, -1])
            similarity = self.scale.exp() * F.normalize(u, dim=-1) @ F.normalize(v, dim=-1).T
            own = torch.arange(len(similarity))
            return (F.cross_entropy(similarity, own) + F.cross_entropy(similarity.T, own)) / 2

    class Bottleneck(nn.Module):
        def __init__(self, channels, width, stride):
            super().__init__()
            out = 4 * width
            self.main = nn.Sequential(
                nn.Conv2d(channels, width, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU(),
                nn.Conv2d(width, width, 3, stride, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU(),
                nn.Conv2d(width, out, 1, bias=False), nn.BatchNorm2d(out))
            self.skip = nn.Identity() if stride == 1 and channels == out else nn.Sequential(
                nn.Conv2d(channels, out, 1, stride, bias=False), nn.BatchNorm2d(out))

        def forward(self, x):
            return F.relu(self.main(x) + self.skip(x))

    def resnet50():
        parts = [nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
        channels = 64
        for width, count in ((64, 3), (128, 4), (256, 6), (512, 3)):
            for block in range(count):
                parts.append(Bottleneck(channels, width, 2 if width > 64 and block == 0 else 1))
                channels = 4 * width
        parts += [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(2048, 2048), nn.ReLU(), nn.Linear(2048, 128)]
        return nn.Sequential(*parts).to(memory_format=torch.channels_last)

    class Block(nn.Module):
        def __init__(self, width, out, stride):
            super().__init__()
            self.main = nn.Sequential(
                nn.Conv2d(width, out, 3, stride, 1, bias=False), nn.BatchNorm2d(out), nn.ReLU(),
                nn.Conv2d(out, out, 3, 1, 1, bias=False), nn.BatchNorm2d(out))
            self.skip = nn.Identity() if stride == 1 and width == out else nn.Sequential(
                nn.Conv2d(width, out, 1, stride, bias=False), nn.BatchNorm2d(out))

        def forward(self, x):
            return F.relu(self.main(x) + self.skip(x))

    def resnet():
        parts, width = [nn.Conv2d(3, 32, 3, 1, 1, bias=False), nn.BatchNorm2d(32), nn.ReLU()], 32
        for out in (32, 64, 128):
            parts += [Block(width, out, 1 if width == out else 2), Block(out, out, 1)]
            width = out
        parts += [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, 128)]
        return nn.Sequential(*parts).to(memory_format=torch.channels_last)

    def digits(wrap):
        model = Digits().to(memory_format=torch.channels_last)
        label = F.one_hot(torch.randint(0, 10, (64,)), 10).float()
        x = [torch.rand(64, 1, 28, 28), torch.rand(64, 1, 32, 128), torch.rand(64, 200), label]
        x[:2] = [one.to(memory_format=torch.channels_last) for one in x[:2]]
        forward = wrap(model)
        return model, 64, torch.optim.Adam(model.parameters(), 1e-3), lambda: forward(x), None

    def pair(codes):
        def make(wrap):
            model = Pair(codes)
            pictures, texts = torch.rand(128, 3, 32, 32), torch.randint(0, 2048, (128, 24))
            forward = wrap(model)
            return model, 128, torch.optim.AdamW(model.parameters(), 5e-4), lambda: forward(pictures, texts), None
        return make

    def moco(wrap):
        query, key = resnet(), resnet()
        key.load_state_dict(query.state_dict())
        queue, at = F.normalize(torch.randn(4096, 128), dim=1), [0]
        views = [torch.rand(128, 3, 32, 32).to(memory_format=torch.channels_last) for _ in range(2)]
        run_query, run_key, pending = wrap(query), wrap(key), []

        def loss():
            q = F.normalize(run_query(views[0]).float(), dim=1)
            with torch.no_grad():
                for slow, fast in zip(key.parameters(), query.parameters()):
                    slow.lerp_(fast, 0.001)
                k = F.normalize(run_key(views[1]).float(), dim=1)
            pending.append(k)
            logits = torch.cat([(q * k).sum(1, keepdim=True), q @ queue.T], 1) / 0.2
            return F.cross_entropy(logits, torch.zeros(128, dtype=torch.long))

        def after():
            queue[at[0]:at[0] + 128] = pending.pop()
            at[0] = (at[0] + 128) % 4096

        optimiser = torch.optim.SGD(query.parameters(), 0.03, momentum=0.9, weight_decay=1e-4)
        return query, 128, optimiser, loss, after

    def large_pair(wrap):
        model = LargePair()
        pictures, texts = torch.rand(8, 3, 224, 224), torch.randint(0, 49408, (8, 77))
        forward = wrap(model)
        return model, 8, torch.optim.AdamW(model.parameters(), 5e-4), lambda: forward(pictures, texts), None

    def large_resnet(wrap):
        model = resnet50()
        views = torch.rand(16, 3, 224, 224).to(memory_format=torch.channels_last)
        forward = wrap(model)
        itself, other = torch.eye(16, dtype=torch.bool), (torch.arange(16) + 8) % 16

        def loss():
            rows = F.normalize(forward(views).float(), dim=1)
            return F.cross_entropy((rows @ rows.T / 0.5).masked_fill(itself, -math.inf), other)

        optimiser = torch.optim.SGD(model.parameters(), 0.03, momentum=0.9, weight_decay=1e-4)
        return model, 8, optimiser, loss, None

    return {"gmc-digits": digits, "clip-vit": pair(0), "fdt-1024": pair(1024), "fdt-16384": pair(16384),
            "moco-resnet": moco, "vit-b-32": large_pair, "resnet-50": large_resnet}


def time_here(case, precision, mode, threads, steps):
    """Times one case in this process and prints a JSON line."""
    import torch
    torch.manual_seed(0)
    torch.set_num_threads(threads)
    wraps = {"eager": lambda module: module, "compile": torch.compile,
             "max-autotune": lambda module: torch.compile(module, mode="max-autotune")}
    model, batch, optimiser, loss, after = models()[case](wraps[mode])
    times = []
    for step in range(steps + 3):
        start = time.perf_counter()
        optimiser.zero_grad()
        with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bfloat16"):
            value = loss()
        value.backward()
        optimiser.step()
        if after:
            after()
        if step >= 3:
            times.append(time.perf_counter() - start)
    if not math.isfinite(value.item()):
        sys.exit(f"{case}: the loss is {value.item()}")
    median = statistics.median(times)
    print(json.dumps({
        "case": case, "engine": f"torch {torch.__version__} {mode}", "precision": precision, "threads": threads,
        "batch": batch, "parameters": sum(p.numel() for p in model.parameters()),
        "median_ms": round(median * 1e3, 3), "min_ms": round(min(times) * 1e3, 3),
        "samples_per_s": round(batch / median, 1),
        "peak_memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)}), flush=True)


def run(command, limit):
    """Runs a command and returns the JSON of its last line, or {"error": …} where it fails or lasts too long."""
    # A kernel that the environment names, perhaps for another machine, would hold back either side.
    environment = {name: value for name, value in os.environ.items() if name != "OPENBLAS_CORETYPE"}
    try:
        finished = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=limit)
    except subprocess.TimeoutExpired:
        return {"error": f"longer than {limit} s"}
    lines = [line for line in finished.stdout.splitlines() if line.startswith("{")]
    if finished.returncode or not lines:
        said = [line for line in finished.stderr.splitlines() if line.strip()]
        return {"error": said[-1].strip() if said else f"exit code {finished.returncode}"}
    return json.loads(lines[-1])


def markdown(case, precision, rounds):
    """Rows of the table: one a round."""
    rows = []
    for number, arms in enumerate(rounds, 1):
        def cell(arm, key="median_ms", digits=1):
            return "failed" if "error" in arms[arm] else f"{arms[arm][key]:.{digits}f}"
        own, peers = arms["concord"], [arms[mode] for mode in MODES if "error" not in arms.get(mode, {"error": ""})]
        ratio = min(p["median_ms"] for p in peers) / own["median_ms"] if peers and "error" not in own else None
        share = "" if "error" in own else f"{100 * own['peak_fraction']:.0f} % of {own['peak_gflops']:.0f}"
        cells = [f"`{case}`, {precision}" if number == 1 else "", str(number), cell("concord")]
        cells += [cell(mode) if mode in arms else "" for mode in MODES]
        cells += [f"{ratio:.2f}" if ratio else "none", share, cell("concord", "peak_memory_mb", 0)]
        cells += [cell(mode, "peak_memory_mb", 0) if mode in arms else "" for mode in MODES]
        rows.append("| " + " | ".join(cells) + " |")
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", metavar="CASE", help=", ".join(NAMES))
    parser.add_argument("--concord", help="the concord program; without it only PyTorch is timed, in this process")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=15)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--precision", choices=PRECISIONS, action="append", help="both where none is named")
    parser.add_argument("--mode", choices=MODES, action="append", help="all where none is named")
    parser.add_argument("--limit", type=int, default=900, help="the most seconds of an arm, compiling included")
    parser.add_argument("--json", action="store_true", help="one JSON line for each arm and round instead of a table")
    options = parser.parse_args()
    cases, modes = options.cases or NAMES, options.mode or MODES
    for case in cases:
        if case not in NAMES:
            parser.error(f"there is no case {case!r}; there are {', '.join(NAMES)}")
    precisions = options.precision or PRECISIONS
    if not options.concord:
        if len(cases) * len(precisions) * len(modes) > 1 and not (options.precision and options.mode):
            parser.error("without --concord name one CASE, --precision and --mode")
        return time_here(cases[0], precisions[0], modes[0], options.threads, options.steps)
    common = ["--threads", str(options.threads), "--steps", str(options.steps)]
    if not options.json:
        print("| case | round | Concord (ms) | eager | compiled | max-autotune | ratio | Concord of peak (GFLOP/s) | "
              "Concord (MB) | eager | compiled | max-autotune |")
        print("| --- " + "| --: " * 11 + "|", flush=True)
    failures = []
    for case in cases:
        for precision in precisions:
            rounds = []
            for number in range(1, options.rounds + 1):
                arms = {"concord": run([options.concord, "bench", case, "--json", "--precision", precision] + common,
                                       options.limit)}
                for mode in modes:
                    peer = [sys.executable, __file__, case, "--precision", precision, "--mode", mode]
                    arms[mode] = run(peer + common, options.limit)
                rounds.append(arms)
                counts = {result["parameters"] for result in arms.values() if "error" not in result}
                if len(counts) > 1:
                    sys.exit(f"{case}: the sides have {sorted(counts)} parameters")
                for arm, result in arms.items():
                    if "error" in result:
                        failures.append(f"{case}, {precision}, {arm}, round {number}: {result['error']}")
                    if options.json:
                        line = {"case": case, "precision": precision, "arm": arm, "round": number}
                        print(json.dumps(line | result), flush=True)
            if not options.json:
                print("\n".join(markdown(case, precision, rounds)), flush=True)
    for failure in failures:
        print(f"failed: {failure}", file=sys.stderr if options.json else sys.stdout)


if __name__ == "__main__":
    main()
