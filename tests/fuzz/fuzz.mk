# Fuzzing: make fuzz TIME=60 runs each target of tests/fuzz/fuzz_*.c for so many seconds by clang's fuzzer, from the cases
# kept in build/fuzz/corpus; without clang, a fixed number of seeded cases. As a test, tests/unit/test_fuzz_*.c runs some.
# A target names what it tests in its second line (and its third: libraries), as a unit test does. ONLY=insn: those with it in their names.
FUZZ := $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/fuzz_*$(ONLY)*.c))
FUZZ_HEADERS := $(wildcard tests/fuzz/*.h xen/*/*.[hc] modes/*.h modes/*/*.[hc] devmodel/*.[hc] tests/unit/*.h)
TIME ?= 60

ifneq ($(shell command -v clang),)
FUZZ_CC := clang -fsanitize=fuzzer -Wno-unknown-warning-option -Wno-gnu-variable-sized-type-not-at-end
FUZZ_RUN = mkdir -p $(BUILD)/fuzz/corpus/$(1) && \
	$(BUILD)/fuzz/$(1) -max_total_time=$(TIME) -print_final_stats=1 -artifact_prefix=$(BUILD)/fuzz/ $(BUILD)/fuzz/corpus/$(1) \
	> $(BUILD)/fuzz/$(1).log 2>&1; result=$$?; tail -n 8 $(BUILD)/fuzz/$(1).log; exit $$result
else
FUZZ_CC := gcc
FUZZ_MAIN := tests/fuzz/main.c
FUZZ_RUN = $(BUILD)/fuzz/$(1)
endif

$(BUILD)/fuzz/%: tests/fuzz/%.c tests/unit/host.c $(FUZZ_MAIN) $(FUZZ_HEADERS)
	@mkdir -p $(@D)
	$(FUZZ_CC) $(UNIT_CFLAGS) -o $@ $< tests/unit/host.c $(FUZZ_MAIN) $$(sed -n '2s,^// sources:,,p' $<) \
		$$(sed -n '3s,^// libraries:,,p' $<)

# Each target's name, then what the fuzzer says at its end; the last line of all says what was found.
ifdef HELP
fuzz:
	@echo "make fuzz        each target of tests/fuzz, for a minute: $(FUZZ:fuzz_%=%)"
	@echo "  TIME=600       seconds for each (without clang: 20000 seeded cases, whatever TIME says)"
	@echo "  ONLY=unpack    those that have this in their names"
	@echo "Cases that reached something new are kept in build/fuzz/corpus and are where the next run begins. What fails is kept in"
	@echo "build/fuzz, and build/fuzz/NAME.log has all that was said. build/fuzz/NAME FILE tries one case again."
else
fuzz: $(FUZZ:%=$(BUILD)/fuzz/%)
	@failed=; $(foreach t,$(FUZZ),echo "== $(t)"; ( $(call FUZZ_RUN,$(t)) ) || failed="$$failed $(t)";) \
	echo "prism: $(words $(FUZZ)) fuzz targets, what failed: $${failed:-nothing}"; \
	[ -z "$$failed" ]
endif
.PHONY: fuzz
