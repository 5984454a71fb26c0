# make run   installs what is missing, builds, runs the default experiment and prints its tables; SETTINGS="training.epochs=1"
#            changes what its rows share
# make test  installs what is missing, builds, runs all tests
# make data  installs the packages of further data sets: stamps, clip art, emoji by another artist
# make verify  holds the claims of Papers against Results
# make compare-builds OLD=FOLDER  holds the bits of every recipe against those of another build
# make scale-test  installs Open MPI and iproute2, runs the tests of several processes and of large sets at full size
# make fault-test  ends runs at hundreds of random moments; each must go on and end as if nothing had been

PACKAGES := g++ libopenblas-openmp-dev liblapacke-dev libdnnl-dev libgnuplot-iostream-dev gnuplot-nox \
	libboost-iostreams-dev libboost-system-dev libboost-filesystem-dev libfreetype-dev libharfbuzz-dev \
	libsndfile1-dev libpng-dev libjpeg62-turbo-dev zlib1g-dev pkg-config fontconfig fonts-noto-color-emoji \
	unicode-data unicode-cldr-core
# Several processes and networks between them, for tests alone.
SCALE_PACKAGES := openmpi-bin iproute2
DATA_PACKAGES := tuxpaint-stamps-default openclipart-svg ruby-gemojione librsvg2-2
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
SOURCES := Package.swift Sources Tests Experiments
# A target that imports what it does not declare is an error, whatever happened to be built before it.
CHECK := --explicit-target-dependency-import-check error

.PHONY: deps data build run test verify compare-builds scale-test fault-test fuzz-test lint format docs architecture bench-torch bench-inference clean

# Installs those of the named packages that are missing.
define install
	@missing=""; for package in $(1); do \
	  dpkg-query -W -f='$${Status}' $$package 2>/dev/null | grep -q 'install ok installed' || missing="$$missing $$package"; \
	done; \
	if [ -n "$$missing" ]; then \
	  echo "installing:$$missing"; \
	  $(SUDO) apt-get update -qq && \
	  $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing; \
	fi
endef

deps:
	$(call install,$(PACKAGES))
	@command -v swift >/dev/null || { echo "Swift 6.2 or later is missing: see https://www.swift.org/install/linux/"; exit 1; }

# Nothing else needs these; concord doctor says what is there.
data:
	$(call install,$(DATA_PACKAGES))

build: deps
	swift build -c release $(CHECK) --product concord

run: build
	.build/release/concord compare emoji --profile quick --jobs 2 $(SETTINGS)

test: export GOMP_SPINCOUNT ?= 2000
test: deps
	swift build -c release $(CHECK) --build-tests
	swift test -c release $(CHECK) --skip-build

verify: build
	.build/release/concord verify

# The suites whose names begin with Scale; without these packages those that need them are left out.
scale-test: export CONCORD_SCALE ?= 1
scale-test: export GOMP_SPINCOUNT ?= 2000
scale-test: deps
	$(call install,$(SCALE_PACKAGES))
	swift build -c release $(CHECK) --build-tests
	swift test -c release $(CHECK) --skip-build --no-parallel --filter '[.]Scale'

fault-test: export CONCORD_FAULT_KILLS ?= 400
fault-test: deps
	swift build -c release $(CHECK) --build-tests
	swift test -c release $(CHECK) --skip-build --no-parallel --filter FaultTests

# Reads FUZZ_COUNT damaged files of every format, from the seed FUZZ_SEED on, within 8 GiB of addresses. What a crash
# leaves in the journal names the file; FUZZ_COUNT=1 FUZZ_SEED=<seed> reads it again.
FUZZ_COUNT ?= 50000
FUZZ_SEED ?= 0
fuzz-test: export CONCORD_FUZZ_COUNT = $(FUZZ_COUNT)
fuzz-test: export CONCORD_FUZZ_SEED = $(FUZZ_SEED)
fuzz-test: deps
	swift build -c release $(CHECK) --build-tests
	rm -f /tmp/concord-fuzz-*.journal
	ulimit -v 8388608; TMPDIR=/tmp timeout 3600 swift test -c release $(CHECK) --skip-build --filter Hostile || \
	  { cat /tmp/concord-fuzz-*.journal; exit 1; }

compare-builds: build
	python3 Tests/BuildComparison/compare_builds.py $(OLD)/concord .build/release/concord

lint:
	swift format lint --strict --recursive --parallel $(SOURCES)

format:
	swift format --in-place --recursive --parallel $(SOURCES)

# Builds the pages of every documentation catalogue, into .build/documentation; a warning is an error.
docs:
	@mkdir -p .build/documentation
	@for catalogue in Sources/*/*.docc; do \
	  name=$$(basename $$catalogue .docc); \
	  docc convert $$catalogue --warnings-as-errors --fallback-display-name $$name --fallback-bundle-identifier $$name \
	    --output-path .build/documentation/$$name || exit 1; \
	done
	@echo "documentation: .build/documentation"

# Draws the picture of the targets in Package.swift anew.
architecture: deps
	swift build -c release $(CHECK) --build-tests
	CONCORD_UPDATE_SNAPSHOTS=1 swift test -c release $(CHECK) --skip-build --filter ArchitectureTests

# Times Concord against PyTorch, in turn; fetches PyTorch from PyPI into a virtual environment first.
bench-torch: build
	test -x .build-torch/bin/python || python3 -m venv .build-torch
	.build-torch/bin/python -c 'import torch' 2>/dev/null || .build-torch/bin/pip install --quiet torch numpy
	.build-torch/bin/python Results/Benchmarks/pytorch_peer.py --concord .build/release/concord

# Times how fast a ViT-B/32 embeds in Concord, open_clip and onnxruntime; all three need the Python packages once.
bench-inference: build
	test -x .build-torch/bin/python || python3 -m venv .build-torch
	.build-torch/bin/python -c 'import torch, open_clip, onnxruntime' 2>/dev/null || \
	  .build-torch/bin/pip install --quiet torch numpy open_clip_torch onnxruntime
	.build-torch/bin/python Results/Benchmarks/inference_peer.py --concord .build/release/concord

clean:
	rm -rf .build .build-torch
