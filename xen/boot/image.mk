# prism.elf: the 64-bit image with its symbol table, wrapped as the 32-bit ELF file that multiboot loaders take.
IMAGE := $(OUT)/image
LD := ld
LINK = $(LD) -m elf_x86_64 -static -nostdlib -z max-page-size=0x1000 -z noexecstack --no-warn-rwx-segments \
	-T $(IMAGE)/prism.lds

$(IMAGE)/prism.lds: xen/boot/prism.lds xen/mem/layout.h
	@mkdir -p $(IMAGE)
	$(CC) -E -P -x assembler-with-cpp -iquote xen $< -o $@

# Linked twice: the table is made from the first result and stands behind everything that it names.
$(OUT)/prism64.elf: $(OBJECTS) $(IMAGE)/prism.lds xen/boot/symbols.awk
	@awk -f xen/boot/symbols.awk /dev/null | $(CC) -x assembler -c - -o $(IMAGE)/symbols.o
	@$(LINK) -o $(IMAGE)/first.elf $(OBJECTS) $(IMAGE)/symbols.o
	@nm -n $(IMAGE)/first.elf | awk -f xen/boot/symbols.awk | $(CC) -x assembler -c - -o $(IMAGE)/symbols.o
	@$(LINK) -o $@.new $(OBJECTS) $(IMAGE)/symbols.o
	@nm -n $(IMAGE)/first.elf | grep -i ' t ' > $(IMAGE)/first.sym; nm -n $@.new | grep -i ' t ' | \
		cmp -s - $(IMAGE)/first.sym || { echo "image.mk: the symbol table has moved functions" >&2; exit 1; }
	@mv $@.new $@

$(OUT)/prism.elf: $(OUT)/prism64.elf xen/boot/wrap.lds
	@objcopy -O binary $< $(IMAGE)/image.bin
	@cd $(IMAGE) && $(LD) -m elf_i386 -r -b binary -o blob.o image.bin
	@nm $< | awk '{ a[$$3] = substr($$1, 9) } END { \
		printf "image_high_entry = 0x%s; image_high_file_end = 0x%s; image_high_end = 0x%s;\n", \
		a["image_entry"], a["__file_end"], a["_end"] }' > $(IMAGE)/numbers.lds
	@echo "  LD  $@"
	@$(LD) -m elf_i386 -nostdlib -z max-page-size=0x1000 -z noexecstack --no-warn-rwx-segments \
		-L $(IMAGE) -T xen/boot/wrap.lds -o $@.new $(IMAGE)/blob.o
	@mv $@.new $@

# Looked at every time: it may be a copy of the other build.
prism.elf: $(OUT)/prism.elf FORCE
	@cmp -s $< $@ || { echo "  CP  $< $@"; cp $< $(OUT)/copy.elf && mv $(OUT)/copy.elf $@; }

# A CD image that GRUB starts: prism.elf, and the control domain's kernel and ramdisk if they have been built.
ISO := $(OUT)/prism.iso
ISO_OPTIONS ?= console=com1 com1=115200,8n1
ISO_KERNEL_OPTIONS ?= console=hvc0
ISO_MODULES := $(wildcard $(BUILD)/images/vmlinuz $(BUILD)/images/control.img)

iso: $(ISO)
$(ISO): $(OUT)/prism.elf $(ISO_MODULES)
	@command -v grub-mkrescue >/dev/null || { \
		echo "make iso: grub-mkrescue is missing (packages grub-common grub-pc-bin xorriso mtools)" >&2; exit 1; }
	@rm -rf $(IMAGE)/iso && mkdir -p $(IMAGE)/iso/boot/grub
	@cp $^ $(IMAGE)/iso/boot/
	@{ echo 'set timeout=0'; echo 'serial --unit=0 --speed=115200'; echo 'terminal_output serial console'; \
		echo 'menuentry "Prism" {'; echo '    multiboot2 /boot/prism.elf $(ISO_OPTIONS)'; \
		if [ -f $(BUILD)/images/vmlinuz ]; then echo '    module2 /boot/vmlinuz $(ISO_KERNEL_OPTIONS)'; fi; \
		if [ -f $(BUILD)/images/control.img ]; then echo '    module2 /boot/control.img'; fi; \
		echo '}'; } > $(IMAGE)/iso/boot/grub/grub.cfg
	grub-mkrescue -o $@ $(IMAGE)/iso >$(IMAGE)/grub-mkrescue.log 2>&1 || { cat $(IMAGE)/grub-mkrescue.log >&2; exit 1; }
.PHONY: iso
