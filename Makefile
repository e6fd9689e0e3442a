# bootlink. Each target does the set-up that it needs; `make demo` and `make test` are all that a newcomer has to know.

GO ?= go
CROSS_COMPILE ?= arm-linux-gnueabihf-
VERSION ?= 0.1
PREFIX ?= /usr/local
MODULE_FLAGS = $(if $(W),W=$(W)) $(if $(C),C=$(C) CF=-D__CHECK_ENDIAN__)
# Tests that need root run as root; building them does not.
AS_ROOT = $(if $(filter-out 0,$(shell id -u)),-exec "sudo -E")
# BOARDS="turris-omnia lamobo-r1" compiles these in, BOARDS=all all of them; without, it is QEMU's machine.
TAGS = $(if $(BOARDS),-tags 'boards $(addprefix board_,$(subst -,_,$(BOARDS)))')
ARM ?= build/arm/bootlink
LDFLAGS = -X main.releaseVersion=$(VERSION)
# Small before quick: nothing is inlined but in nlcore, which has the loops over
# millions, and segments begin at pages (-R). Inlining in the runtime alone costs 82 KB.
# Slices of unknown size are not tried on the stack first (16 KB), deferred calls stand once (4 KB), names of generic code are short (4 KB).
# The garbage collector is the one before Go 1.26's, which is for large heaps (20 KB); other releases have no such choice.
# Outside of nlcore the test of a loop stays before it (4 KB).
SMALL = -d=variablemakethreshold=0,noopendefer=1,maxshapelen=12
ARMFLAGS = -trimpath -buildvcs=false -ldflags '-s -w -buildid= -R 4096 $(LDFLAGS)' -gcflags='all=-l $(SMALL) -d=ssa/loop_rotate/off' -gcflags=bootlink/nlcore=$(SMALL)
EXPERIMENT = $(if $(findstring go1.26,$(shell $(GO) version)),GOEXPERIMENT=nogreenteagc)

.PHONY: all build arm small sizes install install-dkms uninstall module image image64 boards-image device-trees test-boards specs demo test unit foreign test-vm small-kernels debug-kernel test-debug check-module fuzz soak lint bench bench-module vendor dist test-buildroot setup fetch clean
all: build

build:
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o build/bootlink ./cmd/bootlink

arm:
	CGO_ENABLED=0 GOOS=linux GOARCH=arm GOARM=7 $(EXPERIMENT) $(GO) build $(ARMFLAGS) $(TAGS) -o $(ARM) ./cmd/bootlink
	@size=$$(stat -c %s $(ARM)) most=$$(sed -n 's/^arm //p' budget); echo "$(ARM): $$size bytes"; \
	test -n "$(BOARDS)" || test $$size -le $$most || { echo "the file budget allows $$most: make sizes shows what costs how much"; exit 1; }

# As arm, for the machine that GOARCH and its kin in the environment name; OUT is the file.
small:
	@CGO_ENABLED=0 GOOS=linux $(EXPERIMENT) $(GO) build $(if $(SYMBOLS),$(subst -s -w,,$(ARMFLAGS)),$(ARMFLAGS)) -o $(OUT) ./cmd/bootlink

# How large the binary is on each machine, and what each part of it costs on ARM: build/sizes/table.txt.
sizes:
	@mkdir -p build/sizes
	$(GO) -C bench run ./sizes | tee build/sizes/table.txt

# The binary, manual pages, completion and the units of dist/ below $(DESTDIR)$(PREFIX); the module's sources for dkms.
install: build
	@PREFIX=$(PREFIX) DESTDIR=$(DESTDIR) dist/install install
install-dkms:
	@PREFIX=$(PREFIX) DESTDIR=$(DESTDIR) dist/install dkms
uninstall:
	@PREFIX=$(PREFIX) DESTDIR=$(DESTDIR) dist/install uninstall

setup:
	@qemu/setup

fetch: setup
	@qemu/fetch

# Kbuild writes beside its sources, so it gets a copy of them. Debugging data is left out.
module: fetch
	@release=$$(cat qemu/out/kernel/release) && work=build/module/$$release && mkdir -p $$work/src && cp -ru kmod/src/. $$work/src && \
	$(MAKE) --no-print-directory -C $$work/src KDIR=$(CURDIR)/qemu/out/kernel/headers ARCH=arm CROSS_COMPILE=$(CROSS_COMPILE) KCFLAGS=-ffile-prefix-map=$(CURDIR)/= $(MODULE_FLAGS) && \
	$(CROSS_COMPILE)objcopy --strip-debug $$work/src/hellobye.ko $$work/hellobye.ko && echo "$$work/hellobye.ko"

image: arm module
	$(GO) -C qemu run ./mkimage -test

# The same for QEMU's machine with 64 bits, without the module and a router.toml: bootlink takes the board's.
image64: fetch
	@GOARCH=arm64 $(MAKE) -s small OUT=build/arm64/bootlink
	$(GO) -C qemu run ./mkimage -test -machine arm64 -kernel qemu/out/kernel64 -module '' -board '' -bootlink build/arm64/bootlink -out build/image/arm64

# One image for all boards, and with it those that QEMU models; test-vm boots two of them. Three to four minutes.
boards-image: module
	@$(MAKE) -s arm BOARDS=all ARM=build/arm/boards/bootlink
	$(GO) -C qemu run ./mkimage -boards -bootlink build/arm/boards/bootlink

# Device trees of boards that Debian's kernels are not built for, made of their source.
device-trees: fetch
	@qemu/device-trees

test-boards: boards-image image64 device-trees
	$(GO) -C qemu test -count=1 -timeout 20m -v -run 'Test(DeviceTrees|Disagree|Recognise|BoardFiles|New|Models|Virt64)$$' . -boards

# The kernel's own description of rtnetlink, which a test compares our rows with.
specs: setup
	@qemu/specs/fetch

demo: image
	$(GO) -C qemu run ./demo $(if $(INTERACTIVE),-interactive)

test: lint build unit foreign test-vm

unit: setup
	@dist/fetch
	$(GO) test -race -timeout 30m $(AS_ROOT) ./...
	$(GO) -C bench test $(AS_ROOT) ./...

# Other word sizes and byte orders: the tests that need no kernel, under QEMU's user mode.
foreign: setup
	nlcore/cross

# The images stand outside of the qemu module, so the test cache does not see them change. AGAIN=1: also what has passed with the very same guest.
# One package after the other: each guest wants a core, and qemu/vm counts those of one process.
test-vm: image image64 boards-image device-trees specs small-kernels
	$(if $(AGAIN),AGAIN=1) $(GO) -C qemu test -count=1 -p 1 -timeout 40m $(V) ./...

# Kernels that lack most of what can be asked for, kept in the user's cache; two minutes each on two processors, once.
small-kernels: setup
	@qemu/small-kernel lacking
	@qemu/small-kernel bare

# Kernels that check themselves, kept in the user's cache; test-vm uses them where they are there.
debug-kernel:
	@qemu/setup kernel
	@qemu/debug-kernel arm
	@qemu/debug-kernel x86_64

# The module's tests in full size, in Debian's kernel and in that one; about an hour.
test-debug: image debug-kernel
	$(GO) -C qemu test -count=1 -timeout 180m -v -run TestModule . -full

# W=1, sparse, checkpatch and coccicheck in trees of several kernels for several machines.
check-module:
	@qemu/setup kernel
	@kmod/check

fuzz:
	@FUZZTIME=$(or $(FUZZTIME),10s) .ci/soak fuzz

# Walks of thousands of steps, faults at every call, power cuts, fuzzing: four to five hours. Smaller: make soak WALK=200 SEEDS=1 SOAK=1m FUZZTIME=10s
soak: setup
	@.ci/soak

lint: setup
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); echo "run gofmt"; exit 1; }
	$(GO) vet ./...
	GOARCH=arm GOARM=7 $(GO) vet ./...
	GOARCH=mips $(GO) vet ./...
	$(GO) -C qemu vet ./...
	$(GO) -C bench vet ./...
	check=$$($(GO) -C qemu tool -n staticcheck) && $$check ./... && cd qemu && $$check ./...
	shellcheck $$(git ls-files ':!*.md' | xargs grep -lE '^#!/bin/(ba)?sh' --)

# nlcore and whole configurations, as ratios to C programs and to peers: tables and a plot in build/bench; about twenty minutes.
# BENCH=-h shows the flags; BENCH="-only router,bridges" measures some.
bench: image
	@bench/fetch
	$(GO) -C bench run . $(BENCH)

# What the kernel module costs a ping, beside nfnetlink_log, as a table and as build/bench-module/plot.svg; four minutes.
bench-module: image
	$(GO) -C qemu run ./modbench $(BENCH)

# What the binary imports, for builds without network, as Buildroot's are; never committed.
vendor:
	GOFLAGS=-mod=mod $(GO) mod vendor

# build/bootlink-VERSION.tar.gz, with that inside; two runs make the same bytes.
dist:
	@dist/release $(VERSION)

# A checkout of Buildroot judges our tree for it, a minute. BUILD=1 also builds images and boots them: needs network, half an hour.
test-buildroot:
	@BUILDROOT=$(BUILDROOT) BUILD=$(BUILD) FRAGMENT=$(FRAGMENT) buildroot/test-buildroot

clean:
	rm -rf build vendor
