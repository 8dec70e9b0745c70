# Test kernels: one test a source file, one kernel a test and a mode. `make guests` builds build/guests/MODE/test_*.elf.
# The second line of a test may say where it runs, "// modes: ..."; else it is the control domain's place alone:
#   control  64-bit PV in the control domain's place       pv       64-bit PV, made by xl
#   pvh64, pvh32 (PAE), pvh32np (no PAE)  in a container, made by xl
#   hvm64, hvm32, hvm32np  the same kernels in the same container with a PC around it, whose firmware starts them
#   real     in real mode, from the first sector of a PC's disk
# and the third what xl gives it, "// xl: ..."; else memory=32.
# fuzz_hypercalls and fuzz_tables are made of more than one source, those of fuzz/ and tables/, and are no tests by themselves:
# test_fuzz_hypercalls.py. load_* are none either, but what keeps CPUs busy in others: test_load.py.
GUEST_SOURCES := $(sort $(wildcard tests/guests/test_*.c tests/guests/fuzz_*.c tests/guests/load_*.c))
guest_modes = $(or $(shell sed -n '2s,^// modes:,,p' $(1)),control)
guest_suffix = $(if $(filter hvm% real,$(1)),img,elf)
guest_folder = $(patsubst control,pv64,$(patsubst pv,pv64,$(1)))
GUEST_KERNELS := $(sort $(foreach s,$(GUEST_SOURCES),$(foreach m,$(call guest_modes,$(s)), \
	$(BUILD)/guests/$(call guest_folder,$(m))/$(basename $(notdir $(s))).$(call guest_suffix,$(m)))))
GUEST_CFLAGS := -std=gnu11 -O1 -g $(WARNINGS) -ffreestanding -fno-pic -fno-pie -mno-red-zone -mgeneral-regs-only \
	-fno-stack-protector -fno-asynchronous-unwind-tables -fcf-protection=none -include xen/lib/types.h -iquote tests/guests $(INTERFACE)
GUEST_LDFLAGS := -no-pie -nostdlib -static -Wl,--build-id=none -Wl,-z,noexecstack -Wl,--no-warn-rwx-segments
GUEST_COMMON := tests/guests/lib/lib.c tests/guests/lib/vcpu.c tests/guests/lib/words.c
GUEST_PV := $(GUEST_COMMON) $(wildcard tests/guests/lib/pv*.c) tests/guests/lib/pv_entry.S
GUEST_HW := $(GUEST_COMMON) $(wildcard tests/guests/lib/hw*.c) tests/guests/lib/hw_entry.S
GUEST_REAL := tests/guests/lib/lib.c tests/guests/lib/real.c tests/guests/lib/real_entry.S
GUEST_HEADERS := $(wildcard tests/guests/lib/*.h tests/guests/lib/*.lds tests/guests/fuzz/*.h tests/guests/tables/*.h)
FUZZ_GUEST := $(wildcard tests/guests/fuzz/*.c)
FUZZ_TABLES := $(wildcard tests/guests/tables/*.c) tests/guests/fuzz/random.c
FUZZ_GUEST_pv64 := $(filter-out %_hw.c,$(FUZZ_GUEST))
FUZZ_GUEST_pvh64 := $(filter-out %_pv.c,$(FUZZ_GUEST))
FUZZ_GUEST_pvh32 := $(FUZZ_GUEST_pvh64)

# $(1) mode, $(2) compiler options, $(3) library, $(4) linker script. Kernels stay where only images are made of them.
define guest_rule
.PRECIOUS: $(BUILD)/guests/$(1)/%.elf
$(BUILD)/guests/$(1)/%.elf: tests/guests/%.c $(3) $(GUEST_HEADERS)
	@mkdir -p $$(@D)
	$$(CC) $(2) $$(GUEST_CFLAGS) -DTEST_NAME='"$$*"' $$(GUEST_LDFLAGS) -Wl,-T,tests/guests/lib/$(4) -o $$@ $$< $(3) $$(GUEST_MORE)
$(BUILD)/guests/$(1)/fuzz_hypercalls.elf: GUEST_MORE := $(FUZZ_GUEST_$(1))
$(BUILD)/guests/$(1)/fuzz_hypercalls.elf: $(FUZZ_GUEST_$(1))
$(BUILD)/guests/$(1)/fuzz_tables.elf: GUEST_MORE := $(FUZZ_TABLES)
$(BUILD)/guests/$(1)/fuzz_tables.elf: $(FUZZ_TABLES)
endef
$(eval $(call guest_rule,pv64,-mcmodel=kernel,$(GUEST_PV),pv64.lds))
$(eval $(call guest_rule,pvh64,-DGUEST_HW,$(GUEST_HW),hw.lds))
$(eval $(call guest_rule,pvh32,-m32 -march=i686 -include tests/guests/lib/narrow.h -DGUEST_HW,$(GUEST_HW),hw.lds))
$(eval $(call guest_rule,pvh32np,-m32 -march=i686 -include tests/guests/lib/narrow.h -DGUEST_HW -DGUEST_NO_PAE,$(GUEST_HW),hw.lds))
$(eval $(call guest_rule,real,-m16 -march=i686 -include tests/guests/lib/narrow.h -DGUEST_REAL,$(GUEST_REAL),real.lds))

$(BUILD)/guests/real/%.img: $(BUILD)/guests/real/%.elf
	objcopy -O binary $< $@

# A kernel for a container, in the form in which a PC's firmware starts it. $(1) mode, $(2) that of the container's kernel
define image_rule
$(BUILD)/guests/$(1)/%.img: $(BUILD)/guests/$(2)/%.elf tests/guests/lib/linux_image.S
	@mkdir -p $$(@D)
	objcopy -O binary $$< $$@.bin
	$$(CC) -m32 -nostdlib -no-pie -DKERNEL='"$$@.bin"' $$$$(nm $$< | sed -n 's/^\(\w*\) T guest_entry$$$$/-DENTRY=0x\1/p; \
		s/^\(\w*\) . image_end$$$$/-DEND=0x\1/p') -Wl,--oformat=binary,-Ttext=0,--build-id=none,-e,start -o $$@ \
		tests/guests/lib/linux_image.S
endef
$(eval $(call image_rule,hvm64,pvh64))
$(eval $(call image_rule,hvm32,pvh32))
$(eval $(call image_rule,hvm32np,pvh32np))

guests: $(GUEST_KERNELS)

# Hypercalls by a grammar: ROW=pv SEED=5 CALLS=100000; without words what make test does.
ifdef HELP
fuzz-hypercalls:
	@echo "make fuzz-hypercalls  a kernel of ours in a guest makes hypercalls at random, by the grammar of tests/guests/fuzz; each life"
	@echo "                      of a guest ends well, or by a fault of its own, and all its memory comes back"
	@echo "  ROW=pv              one of pv, pvh64, pvh32, hvm (with a PC), tables (page tables of a PV guest); several in quotes."
	@echo "                      Without it: all"
	@echo "  SEED=5              the first life's; the next ones' are 6, 7 ...: the same seed makes the same calls"
	@echo "  CALLS=100000        how many in all, some thousands in a life (without it: what make test does)"
	@echo "A million calls take 10 minutes in pv, pvh64 and pvh32, and 40 in hvm. build/logs/fuzz-hypercalls has what the machine said."
else
fuzz-hypercalls: prism.elf
	@FUZZ_ROWS="$(ROW)" FUZZ_SEED="$(SEED)" FUZZ_CALLS="$(CALLS)" $(PYTHON) -m harness.test --only fuzz-hypercalls
endif
.PHONY: guests fuzz-hypercalls
