# What the harness does for make: run, peer, bench, regress, test, images, help. Python 3 is all it needs to begin.
PYTHON := PYTHONDONTWRITEBYTECODE=1 python3

# A computer that has never built Prism: install by name what the compiler needs, or say in one line what is missing.
ifeq ($(wildcard /usr/include/xen/xen.h),)
ifeq ($(filter clean help,$(MAKECMDGOALS)),)
NEEDS_PACKAGES := yes
endif
endif
ifdef NEEDS_PACKAGES
ifeq ($(shell command -v python3),)
$(error prism: python3 is missing; as root: apt-get install python3)
endif
ifneq ($(shell $(PYTHON) -m harness.packages build 1>&2 && echo ok),ok)
$(error prism: cannot go on without these packages)
endif
endif

images:
	@$(PYTHON) -m harness.images $(if $(PEER),peer)

# MODE=pv: on to a guest's console. RUN='--smp 2 --nic e1000': more options.
ifdef HELP
run peer:
	@$(PYTHON) -m harness.boot --help
else
run: prism.elf
	@$(PYTHON) -m harness.boot $(if $(MODE),--mode "$(MODE)") $(RUN)

peer:
	@$(PYTHON) -m harness.boot --peer $(if $(MODE),--mode "$(MODE)") $(RUN)
endif

ifdef HELP
bench:
	@$(PYTHON) -m harness.bench --help
else
bench: prism.elf
	@$(PYTHON) -m harness.bench $(if $(PEER),--peer) $(if $(QUICK),--quick) $(if $(MODES),--modes "$(MODES)") \
		$(if $(OPS),--ops "$(OPS)") $(if $(RESULTS),--out "$(RESULTS)") $(if $(LIMIT),--limit $(LIMIT)) \
		$(if $(COSTS),--costs "$(COSTS)") $(if $(JOBS),--jobs $(JOBS)) $(if $(MACRO),--macro "$(MACRO)") \
		$(if $(CPUS),--cpus "$(CPUS)") $(if $(ACCEL),--accel "$(ACCEL)") $(if $(MODEL),--model "$(MODEL)")
endif

# What has moved since the reference run, or since BASE=commit.
ifdef HELP
regress:
	@$(PYTHON) -m harness.regress --help
else
regress: prism.elf
	@$(PYTHON) -m harness.regress $(if $(BASE),--base "$(BASE)") $(if $(MODES),--modes "$(MODES)") $(if $(OPS),--ops "$(OPS)") \
		$(if $(BOUND),--bound "$(BOUND)") $(if $(REFERENCE),--reference "$(REFERENCE)") $(if $(RESULT),--result "$(RESULT)") \
		$(if $(RESULTS),--out "$(RESULTS)") $(if $(JOBS),--jobs $(JOBS)) $(if $(LIMIT),--limit $(LIMIT))
endif

# OP=getppid MODE=pv: one execution of an operation, as a story.
ifdef HELP
explain:
	@$(PYTHON) -m harness.explain --help
else
explain: prism.elf
	@$(PYTHON) -m harness.explain $(if $(OP),--op "$(OP)") $(if $(MODE),--mode "$(MODE)") $(if $(PEER),--peer) \
		$(if $(RESULTS),--out "$(RESULTS)") $(if $(LIMIT),--limit $(LIMIT))
endif

# Two results side by side: folders in results/, or their results.json.
compare:
ifdef HELP
	@$(PYTHON) -m harness.compare --help
else
	@$(PYTHON) -m harness.compare $(if $(A),"$(A)") $(if $(B),"$(B)")
endif

ifdef HELP
test list soak peer-test:
	@$(PYTHON) -m harness.test --help
else
test:
	@$(PYTHON) -m harness.test $(if $(ONLY),--only "$(ONLY)") $(if $(MODE),--mode "$(MODE)") $(if $(PEER),--peer) \
		$(if $(JOBS),--jobs $(JOBS)) $(if $(DEBUG),--build $(BUILT))

# What tests there are.
list:
	@$(PYTHON) -m harness.test --list $(if $(ONLY),--only "$(ONLY)") $(if $(MODE),--mode "$(MODE)") $(if $(PAGES),--pages)

# Parts of the names of all tests that make guests, and of those that hold on Debian's Xen.
SOAK_TESTS := faults- stress- fuzz-hypercalls guest- guests- kernels libxl toolstack pod hypfs trace hvm- \
	switches load- run-mode bench boot-grub
PEER_TESTS := guest- guests- toolstack

# Hours: guests made and ended hundreds of times, sixteen at once on every machine, all parts in all rows.
soak:
	@$(PYTHON) -m harness.test --soak --jobs 1 --only "$(if $(ONLY),$(ONLY),$(SOAK_TESTS))" \
		$(if $(MODE),--mode "$(MODE)") $(if $(DEBUG),--build $(BUILT))

# The tests of guests on Debian's Xen: a test that fails there tests the wrong thing.
peer-test:
	@$(PYTHON) -m harness.test --peer --only "$(if $(ONLY),$(ONLY),$(PEER_TESTS))" \
		$(if $(MODE),--mode "$(MODE)") $(if $(JOBS),--jobs $(JOBS))
endif

# Which lines of the hypervisor the tests reach.
ifdef HELP
coverage:
	@$(PYTHON) -m harness.coverage --help
else
coverage:
	@$(PYTHON) -m harness.coverage $(if $(ONLY),--only "$(ONLY)") $(if $(RESULTS),--out "$(RESULTS)") \
		$(if $(JOBS),--jobs $(JOBS)) $(if $(DEBUG),--build $(BUILT)) $(if $(SOAK),--soak) $(if $(HOST),--host)
endif

# The kernel messages that Debian's Xen causes too: tests compare against this list.
warnings:
	@$(PYTHON) -m harness.warnings

help:
	@echo "make             builds prism.elf; DEBUG=1, here and below: the build that checks itself"
	@echo "make run         a shell in the control domain, on the emulated machine (HELP=1: its options, for RUN=)"
	@echo "make run MODE=pv on to the console of a guest that xl creates; MODE=pvh, pvhvm, pvio, hvm likewise"
	@echo "make bench       what operations cost on the bare machine and in Prism's guests (HELP=1: how; PEER=1: and on Xen)"
	@echo "make explain     one execution of an operation, as a story: OP=getppid MODE=pv; MODE=pv,pvh: two beside each other (HELP=1: how)"
	@echo "make regress     what has moved since results/reference, or since BASE=commit (HELP=1: how)"
	@echo "make compare     two results of make bench side by side: A=results/... B=results/..."
	@echo "make test        all tests, and a line of counts (HELP=1: how; ONLY=part of a name, MODE=pvh64 and the like)"
	@echo "make list        what tests there are, with a line on each (ONLY=, MODE= as above; PAGES=1: all that is said of them)"
	@echo "make unit        host tests one after the other, up to the first that fails; make build/unit/test_NAME builds one"
	@echo "make peer-test   the tests of guests on Debian's Xen (HELP=1: how; ONLY=, MODE=, JOBS= as above)"
	@echo "make soak        the tests of guests with many more rounds: hours (HELP=1: how; ONLY=, MODE= as above)"
	@echo "make coverage    which lines of the hypervisor the tests reach, and which functions never (HELP=1: how; ONLY=, OUT=)"
	@echo "make fuzz        clang's fuzzer on code that meets hostile input, on this computer (TIME=60 ONLY=unpack; HELP=1: how)"
	@echo "make fuzz-hypercalls  random hypercalls from guests (ROW=pv SEED=5 CALLS=100000; HELP=1: how)"
	@echo "make peer        the same control domain on Debian's Xen"
	@echo "make iso         build/release/prism.iso, which GRUB boots"
	@echo "make images      build/images: Debian's kernel, the control domain's ramdisk"
	@echo "make warnings    renews tests/system/warnings.txt from Debian's Xen"
	@echo "make clean       removes what was built"

.PHONY: images run peer bench regress explain compare test list coverage soak peer-test warnings help
