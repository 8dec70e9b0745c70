# A program against libxl's C interface, which runs in the control domain (tests/system/test_libxl.py).
$(BUILD)/libxl/libxl-guest: $(wildcard tests/libxl/*.c tests/libxl/*.h) tests/libxl/libxl.mk
	@mkdir -p $(@D)
	@$(CC) -std=gnu11 -O2 -s $(WARNINGS) -o $@ $(filter %.c,$^) -lxenlight -lxentoollog
