/* SPDX-License-Identifier: MIT */
/* sees: what a kernel and its programs see of the machine that they are on, to be compared with another run. A line each,
 *   BENCH-SEES cpuid plain:00000001 800f12 10800 f6f83203 178bfbff
 * section, key and value; and at the end how many there were. No counts and no times: a machine that is the same says the
 * same. */
#define _GNU_SOURCE
#include <ctype.h>
#include <glob.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOST_LEAVES 64          /* of a range: more is an answer that is no number of leaves */
#define VALUE 200
#define HYPERVISOR_BIT 31       /* of leaf 1, ECX */

static unsigned int lines;

/* Prints a line; what cannot be printed is a dot. An empty value is a dash. */
static void __attribute__((format(printf, 3, 4))) line(const char *section, const char *key, const char *format, ...)
{
    char value[VALUE];
    va_list list;
    va_start(list, format);
    vsnprintf(value, sizeof value, format, list);
    va_end(list);
    for (char *c = value; *c; c++)
        if (!isprint((unsigned char)*c))
            *c = '.';
    printf("BENCH-SEES %s %s %s\n", section, key, *value ? value : "-");
    lines++;
}

/* ---- CPUID: as the instruction answers, and behind the Xen ABI's prefix, which a PV guest's hypervisor answers */
static sigjmp_buf no_prefix;

static void illegal(int number) { siglongjmp(no_prefix, number); }

static void ask(bool prefixed, unsigned int leaf, unsigned int sub, unsigned int r[4])
{
    if (prefixed)
        asm volatile("ud2; .ascii \"xen\"; cpuid" : "=a" (r[0]), "=b" (r[1]), "=c" (r[2]), "=d" (r[3]) : "0" (leaf), "2" (sub));
    else
        asm volatile("cpuid" : "=a" (r[0]), "=b" (r[1]), "=c" (r[2]), "=d" (r[3]) : "0" (leaf), "2" (sub));
}

/* Caches, features, processors, states, caches by AMD's way: leaves that have several parts, of which four are shown. */
static unsigned int parts(unsigned int leaf)
{
    return leaf == 4 || leaf == 7 || leaf == 0xb || leaf == 0xd || leaf == 0x8000001d ? 4 : 1;
}

static void range(bool prefixed, unsigned int first)
{
    unsigned int r[4];
    ask(prefixed, first, 0, r);
    unsigned int last = r[0];
    if (last < first || last - first >= MOST_LEAVES)
        return;
    for (unsigned int leaf = first; leaf <= last; leaf++)
        for (unsigned int sub = 0; sub < parts(leaf); sub++) {
            char key[40];
            ask(prefixed, leaf, sub, r);
            if (!(r[0] | r[1] | r[2] | r[3]))
                continue;
            snprintf(key, sizeof key, parts(leaf) > 1 ? "%s:%08x.%u" : "%s:%08x", prefixed ? "xen" : "plain", leaf, sub);
            line("cpuid", key, "%x %x %x %x", r[0], r[1], r[2], r[3]);
        }
}

static void cpuid(bool prefixed)
{
    unsigned int r[4];
    if (sigsetjmp(no_prefix, 1))
        return line("cpuid", "xen:", "none");
    range(prefixed, 0);
    ask(prefixed, 1, 0, r);
    if (r[2] >> HYPERVISOR_BIT & 1)
        range(prefixed, 0x40000000);
    range(prefixed, 0x80000000);
}

/* ---- files of the kernel's */

/* A file's first line without what is around its words, or the name at the end of a link; empty, if there is none. */
static const char *word(const char *folder, const char *name, char buffer[VALUE])
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    ssize_t length = readlink(path, buffer, VALUE - 1);
    if (length > 0) {
        buffer[length] = 0;
        return basename(buffer);
    }
    FILE *file = fopen(path, "r");
    if (!file)
        return "";
    if (!fgets(buffer, VALUE, file))
        *buffer = 0;
    fclose(file);
    for (size_t end = strlen(buffer); end && isspace((unsigned char)buffer[end - 1]); end--)
        buffer[end - 1] = 0;
    return buffer;
}

/* One line for each place that a pattern names: kind/NAME, and words of up to four files or links in it. */
static void places(const char *section, const char *kind, const char *pattern, const char *const names[4])
{
    glob_t found;
    if (!glob(pattern, 0, NULL, &found))
        for (size_t i = 0; i < found.gl_pathc; i++) {
            char key[256], value[VALUE] = "", buffer[VALUE];
            snprintf(key, sizeof key, "%s/%s", kind, basename(found.gl_pathv[i]));
            for (unsigned int n = 0; n < 4 && names[n]; n++) {
                size_t at = strlen(value);
                const char *one = word(found.gl_pathv[i], names[n], buffer);
                snprintf(value + at, sizeof value - at, "%s%s", n ? " " : "", *one ? one : "-");
            }
            line(section, key, "%s", value);
        }
    globfree(&found);
}

static void devices(void)
{
    places("devices", "pci", "/sys/bus/pci/devices/*", (const char *const[4]){ "vendor", "device", "class", "driver" });
    places("devices", "xen", "/sys/bus/xen/devices/*", (const char *const[4]){ "devtype", "driver" });
    places("devices", "pnp", "/sys/bus/pnp/devices/*", (const char *const[4]){ "id", "driver" });
    places("devices", "disk", "/sys/block/*", (const char *const[4]){ "size", "ro", "device/driver" });
    places("devices", "network", "/sys/class/net/*", (const char *const[4]){ "mtu", "device/driver" });
    places("devices", "console", "/sys/class/tty/console", (const char *const[4]){ "active" });
    places("memory", "map", "/sys/firmware/memmap/*", (const char *const[4]){ "start", "end", "type" });
    glob_t found;
    if (!glob("/sys/firmware/acpi/tables/*", 0, NULL, &found))
        for (size_t i = 0; i < found.gl_pathc; i++) {
            char key[256];
            struct stat status;
            snprintf(key, sizeof key, "acpi/%s", basename(found.gl_pathv[i]));
            if (!stat(found.gl_pathv[i], &status) && S_ISREG(status.st_mode))
                line("devices", key, "%ld bytes", (long)status.st_size);
        }
    globfree(&found);
}

static void clocks(void)
{
    places("clocks", "source", "/sys/devices/system/clocksource/clocksource0",
           (const char *const[4]){ "current_clocksource" });
    places("clocks", "sources", "/sys/devices/system/clocksource/clocksource0",
           (const char *const[4]){ "available_clocksource" });
    places("clocks", "events", "/sys/devices/system/clockevents/[bc]*", (const char *const[4]){ "current_device" });
    places("clocks", "calendar", "/sys/class/rtc/*", (const char *const[4]){ "name" });
}

static void hypervisor(void)
{
    places("hypervisor", "type", "/sys/hypervisor", (const char *const[4]){ "type", "guest_type" });
    places("hypervisor", "version", "/sys/hypervisor/version", (const char *const[4]){ "major", "minor", "extra" });
    places("hypervisor", "properties", "/sys/hypervisor/properties",
           (const char *const[4]){ "capabilities", "features", "pagesize", "virtual_start" });
}

/* Interrupts by number and name; of the kernel's own kinds, whether it has the local timer's and a hypervisor's at all. */
static void interrupts(void)
{
    char text[512], value[VALUE];
    unsigned int cpus = 0;
    FILE *file = fopen("/proc/interrupts", "r");
    if (!file)
        return;
    if (fgets(text, sizeof text, file))
        for (const char *at = text; (at = strstr(at, "CPU")); at++)
            cpus++;
    while (fgets(text, sizeof text, file)) {
        char *rest = text, *key = strsep(&rest, ":");
        bool came = false;
        key += strspn(key, " ");
        for (unsigned int cpu = 0; rest && cpu < cpus; cpu++)
            came |= strtoul(rest, &rest, 10) != 0;
        *value = 0;
        for (char *one; rest && (one = strsep(&rest, " \t\n"));)
            if (*one && strlen(value) + strlen(one) + 2 < sizeof value)
                strcat(strcat(value, *value ? " " : ""), one);
        if (isdigit((unsigned char)*key))
            line("interrupts", key, "%s", value);
        else if (!strcmp(key, "LOC") || !strcmp(key, "HYP"))
            line("interrupts", key, "%s", came ? "come" : "never come");
    }
    fclose(file);
}

int main(void)
{
    signal(SIGILL, illegal);
    cpuid(false);
    cpuid(true);
    hypervisor();
    clocks();
    interrupts();
    devices();
    printf("BENCH-SEES-END %u\n", lines);
    return 0;
}
