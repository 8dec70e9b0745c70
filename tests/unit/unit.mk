# Host tests: hypervisor code compiled as it stands for the host, under the address and undefined-behaviour sanitizers.
# A test names what it tests in its second line:  // sources: xen/lib/a.c xen/mem/b.c
UNIT := $(sort $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/test_*.c)))
# COUNTERS are make coverage's.
UNIT_CFLAGS := -std=gnu11 -g -O1 $(WARNINGS) -fno-strict-aliasing -fwrapv -fsanitize=address,undefined \
	-fno-sanitize-recover=all $(COUNTERS) -DPRISM_HOST -iquote xen -iquote . -include xen/lib/types.h $(INTERFACE)

$(BUILD)/unit/%: tests/unit/%.c tests/unit/host.c $(wildcard xen/*/*.[hc] modes/*.[hc] modes/*/*.[hc] devmodel/*.[hc] \
		tests/unit/*.h tests/fuzz/*.[hc])
	@mkdir -p $(@D)
	gcc $(UNIT_CFLAGS) -o $@ $< tests/unit/host.c $$(sed -n '2s,^// sources:,,p' $<) -lcmocka $$(sed -n '3s,^// libraries:,,p' $<)

unit: $(UNIT:%=$(BUILD)/unit/%)
	@for t in $^; do echo "== $$t"; $$t || exit 1; done
.PHONY: unit
