# Prism: make · make test · make bench · make run · make peer · make iso      (make help says more)
# DEBUG=1 with any of them: the debug build, which checks itself.
BUILD := build
CC := gcc
VERSION_MAJOR := 4
VERSION_MINOR := 17

# Each build has a folder of its own; prism.elf here is a copy of the one that was asked for last.
ifeq ($(DEBUG),1)
BUILT := debug
else
BUILT := release
endif
# OUT= on the command line is a place for results (harness/harness.mk); in here it is the folder of this build.
RESULTS := $(OUT)
override OUT := $(BUILD)/$(BUILT)

INTERFACE := -D__XEN_TOOLS__ -D__XEN_INTERFACE_VERSION__=0x00040e00
WARNINGS := -Wall -Wextra -Werror -Wno-unused-parameter -Wno-missing-field-initializers -Wstrict-prototypes \
	-Wno-address-of-packed-member -Wvla -Wno-override-init
CFLAGS := -std=gnu11 -O2 -g $(WARNINGS) -ffreestanding -fno-common -fpie -fvisibility=hidden -fno-strict-aliasing -fwrapv \
	-fno-stack-protector -fno-asynchronous-unwind-tables -fno-omit-frame-pointer -fno-jump-tables -fcf-protection=none \
	-mno-red-zone -mno-mmx -mno-sse -mno-80387 -m64 -iquote xen -iquote . -iquote $(OUT) -include xen/lib/types.h $(INTERFACE) -MMD -MP
ifeq ($(BUILT),release)
CFLAGS += -DNDEBUG
else
# __ubsan_handle_* are xen/lib/ubsan.c's, the guard xen/lib/canary.c's. Pointers may wrap by -fwrapv, and the processor reads
# and writes at any address: guests choose those of some structures.
CFLAGS += -fstack-protector-strong -mstack-protector-guard=global -fsanitize=undefined -fno-sanitize-recover=all \
	-fno-sanitize=alignment,pointer-overflow
endif
ASFLAGS := $(filter -DNDEBUG,$(CFLAGS)) -g -m64 -fpie -iquote xen -iquote . -iquote $(OUT) $(INTERFACE) -D__ASSEMBLY__ -MMD -MP

SOURCES := $(sort $(wildcard xen/*/*.c xen/*/*/*.c modes/*.c modes/*/*.c devmodel/*.c))
ASSEMBLY := $(sort $(wildcard xen/*/*.S xen/*/*/*.S modes/*/*.S))
SOURCES := $(filter-out %/asm_offsets.c,$(SOURCES))
DEBUG_SOURCES := xen/lib/canary.c xen/lib/ubsan.c xen/mem/frame_audit.c
ifeq ($(BUILT),release)
SOURCES := $(filter-out $(DEBUG_SOURCES),$(SOURCES))
endif
OFFSETS := $(sort $(wildcard xen/*/asm_offsets.c modes/*/asm_offsets.c))
OBJECTS := $(SOURCES:%.c=$(OUT)/%.o) $(ASSEMBLY:%.S=$(OUT)/%.S.o)

all: prism.elf

-include tests/unit/unit.mk
-include tests/fuzz/fuzz.mk
-include tests/guests/guests.mk
-include tests/libxl/libxl.mk
-include harness/harness.mk

# Numbers that assembly needs, taken from the C structures they belong to.
$(OUT)/offsets.h: $(OFFSETS) Makefile
	@mkdir -p $(OUT)
	@set -e; for f in $(OFFSETS); do $(CC) $(CFLAGS) -MT $@ -MF $(OUT)/$$(echo $$f | tr / _).d -S -o - $$f; done > $@.s
	@sed -n 's/^.*->\([A-Za-z0-9_]*\) \$$\{0,1\}\([-0-9]*\).*/#define \1 \2/p' $@.s > $@.new
	@mv $@.new $@
-include $(wildcard $(OUT)/*asm_offsets.c.d)

$(OUT)/%.o: %.c Makefile
	@mkdir -p $(@D)
	@echo "  CC  $<"
	@$(CC) $(CFLAGS) -c $< -o $@

$(OUT)/%.S.o: %.S $(OUT)/offsets.h Makefile
	@mkdir -p $(@D)
	@echo "  AS  $<"
	@$(CC) $(ASFLAGS) -c $< -o $@

# What says that there is undefined behaviour must not be asked for it.
$(OUT)/xen/lib/ubsan.o: CFLAGS += -fno-sanitize=all

-include $(OBJECTS:.o=.d)

-include xen/boot/image.mk

clean:
	rm -rf $(BUILD) prism.elf

.PHONY: all clean FORCE
