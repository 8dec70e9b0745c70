# Test kernels: one test a source file, one kernel a test. `make guests` builds build/guests/pv64/test_*.elf.
GUEST_TESTS := $(sort $(patsubst tests/guests/%.c,%,$(wildcard tests/guests/test_*.c)))
GUEST_CFLAGS := -std=gnu11 -O1 -g $(WARNINGS) -ffreestanding -fno-pic -fno-pie -mcmodel=kernel -mno-red-zone -mgeneral-regs-only \
	-fno-stack-protector -fno-asynchronous-unwind-tables -fcf-protection=none -include xen/lib/types.h -iquote tests/guests $(INTERFACE)
GUEST_LIB := $(wildcard tests/guests/lib/*.c) tests/guests/lib/pv_entry.S

$(BUILD)/guests/pv64/%.elf: tests/guests/%.c $(GUEST_LIB) $(wildcard tests/guests/lib/*.h) tests/guests/lib/pv64.lds
	@mkdir -p $(@D)
	$(CC) $(GUEST_CFLAGS) -DTEST_NAME='"$*"' -no-pie -nostdlib -static -Wl,-T,tests/guests/lib/pv64.lds -Wl,--build-id=none \
		-Wl,-z,noexecstack -Wl,--no-warn-rwx-segments -o $@ $< $(GUEST_LIB)

guests: $(GUEST_TESTS:%=$(BUILD)/guests/pv64/%.elf)
.PHONY: guests
