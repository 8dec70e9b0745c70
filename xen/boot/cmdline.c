/* SPDX-License-Identifier: MIT */
/* Prism's command line. Words are those of Xen's documented command line; one that is not understood, or whose value is
 * not, is kept in options.unknown and named in a warning. Pure but for that warning. */
#include "boot/boot.h"

#include "lib/lib.h"

struct options options;

#define WORD_MAX 128

static bool parse_bool(const char *value, bool *out)
{
    static const char *const yes[] = { "1", "on", "yes", "true", "enable" };
    static const char *const no[] = { "0", "off", "no", "false", "disable" };

    for (unsigned int i = 0; i < ARRAY_SIZE(yes); i++) {
        if (strcmp(value, yes[i]) == 0)
            return *out = true, true;
        if (strcmp(value, no[i]) == 0)
            return *out = false, true;
    }
    return false;
}

static bool parse_u32(const char *value, u32 *out)
{
    char *end;
    u64 n = strtoull(value, &end, 0);

    if (end == value || *end || n > 0xffffffff)
        return false;
    *out = (u32)n;
    return true;
}

/* A size up to a comma or the end; without a suffix it is in KiB, as Xen has it. */
static bool parse_memory(const char *value, u64 *out)
{
    char *end;
    u64 n = parse_size(value, &end);

    if (end == value || (*end && *end != ','))
        return false;
    if (end[-1] >= '0' && end[-1] <= '9')
        n = n > ~0ULL >> 10 ? ~0ULL : n << 10;
    *out = n;
    return true;
}

/* [SIZE][,max:SIZE][,min:SIZE] in any order; min is a wish that a fixed amount satisfies. */
static bool parse_dom0_mem(const char *value, struct options *o)
{
    u64 mem = 0, max = 0, min = 0;
    bool ok;

    for (;; value++) {
        if (strncmp(value, "max:", 4) == 0)
            ok = parse_memory(value + 4, &max);
        else if (strncmp(value, "min:", 4) == 0)
            ok = parse_memory(value + 4, &min);
        else
            ok = parse_memory(value, &mem);
        if (!ok)
            return false;
        value = strchr(value, ',');
        if (!value)
            break;
    }
    o->dom0_mem = max(mem, min);
    o->dom0_mem_max = max;
    return true;
}

/* N, or MIN-MAX of which Prism, which knows its CPUs, takes the greater. */
static bool parse_vcpus(const char *value, u32 *out)
{
    const char *dash = strchr(value, '-');

    return parse_u32(dash ? dash + 1 : value, out);
}

static bool parse_console(const char *value, struct options *o)
{
    char word[16];

    o->console_com1 = o->console_vga = false;
    for (;;) {
        const char *comma = strchr(value, ',');
        size_t n = comma ? (size_t)(comma - value) : strlen(value);

        strlcpy(word, value, min(n + 1, sizeof(word)));
        if (strcmp(word, "com1") == 0)
            o->console_com1 = true;
        else if (strcmp(word, "vga") == 0)
            o->console_vga = true;
        else if (strcmp(word, "none") != 0)
            return false;
        if (!comma)
            return true;
        value = comma + 1;
    }
}

/* BAUD[/CLOCK][,FORMAT[,IOBASE[,IRQ]]]; the format must be 8n1. "auto" leaves the rate as the firmware set it. */
static bool parse_com1(const char *value, struct options *o)
{
    char *end = (char *)value + 4;
    u64 baud = strncmp(value, "auto", 4) ? strtoull(value, &end, 10) : 0, base, irq;

    if (end == value || baud > 115200)
        return false;
    if (*end == '/')
        strtoull(end + 1, &end, 10);
    if (*end == ',') {
        if (strncmp(end, ",8n1", 4) != 0)
            return false;
        end += 4;
    }
    o->com1_baud = (u32)baud;
    if (*end == ',') {
        base = strtoull(end + 1, &end, 0);
        if (base == 0 || base > 0xfff8)
            return false;
        o->com1_base = (u32)base;
    }
    if (*end == ',') {
        irq = strtoull(end + 1, &end, 0);
        if (irq > 255)
            return false;
        o->com1_irq = (u32)irq;
    }
    return *end == 0;
}

/* LEVEL[/RATE LIMITED]: Prism limits no rates. */
static bool parse_level(const char *value, u32 *out)
{
    static const struct { const char *name; u32 level; } levels[] = {
        { "none", LOG_ERR }, { "error", LOG_ERR }, { "warning", LOG_WARNING }, { "info", LOG_INFO },
        { "debug", LOG_DEBUG }, { "all", LOG_DEBUG },
    };
    size_t n = strlen(value);
    const char *slash = strchr(value, '/');

    if (slash)
        n = (size_t)(slash - value);
    for (unsigned int i = 0; i < ARRAY_SIZE(levels); i++)
        if (strlen(levels[i].name) == n && strncmp(value, levels[i].name, n) == 0) {
            *out = levels[i].level;
            return true;
        }
    return false;
}

static bool parse_nmi(const char *value, enum nmi_action *out)
{
    static const char *const names[] = { [NMI_TO_DOM0] = "dom0", [NMI_IGNORE] = "ignore", [NMI_FATAL] = "fatal" };

    for (unsigned int i = 0; i < ARRAY_SIZE(names); i++)
        if (strcmp(value, names[i]) == 0) {
            *out = (enum nmi_action)i;
            return true;
        }
    return false;
}

static bool parse_value(const char *name, const char *value, struct options *o)
{
    if (strcmp(name, "dom0_mem") == 0)
        return parse_dom0_mem(value, o);
    if (strcmp(name, "dom0_max_vcpus") == 0)
        return parse_vcpus(value, &o->dom0_max_vcpus);
    if (strcmp(name, "console") == 0)
        return parse_console(value, o);
    if (strcmp(name, "com1") == 0)
        return parse_com1(value, o);
    if (strcmp(name, "loglvl") == 0)
        return parse_level(value, &o->loglvl);
    if (strcmp(name, "guest_loglvl") == 0)
        return parse_level(value, &o->guest_loglvl);
    if (strcmp(name, "nmi") == 0)
        return parse_nmi(value, &o->nmi);
    if (strcmp(name, "maxcpus") == 0)
        return parse_u32(value, &o->max_cpus);
    if (strcmp(name, "watchdog_timeout") == 0)
        return parse_u32(value, &o->watchdog_seconds);
    if (strcmp(name, "tbuf_size") == 0)
        return parse_u32(value, &o->trace_pages);
    if (strcmp(name, "tevt_mask") == 0)
        return parse_u32(value, &o->trace_events);
    return false;
}

/* NAME, no-NAME, NAME=BOOLEAN */
static bool parse_flag(const char *name, const char *value, struct options *o)
{
    const struct { const char *name; bool *flag, inverted; } flags[] = {
        { "dom0_vcpus_pin", &o->dom0_vcpus_pin }, { "noreboot", &o->noreboot }, { "reboot", &o->noreboot, true },
        { "sync_console", &o->sync_console }, { "console_to_ring", &o->console_to_ring }, { "watchdog", &o->watchdog },
        { "nosmp", &o->no_smp }, { "smp", &o->no_smp, true },
    };
    bool on = true;

    if (value && !parse_bool(value, &on))
        return false;
    for (int negated = 0; negated < 2; negated++) {
        for (unsigned int i = 0; i < ARRAY_SIZE(flags); i++)
            if (strcmp(name, flags[i].name) == 0) {
                *flags[i].flag = on ^ flags[i].inverted;
                return true;
            }
        if (value || strncmp(name, "no-", 3) != 0)
            return false;
        name += 3;
        on = false;
    }
    return false;
}

static void add_unknown(const char *word, struct options *o)
{
    size_t used = strlen(o->unknown);

    snprintf(o->unknown + used, sizeof(o->unknown) - used, "%s%s", used ? " " : "", word);
}

static void parse_word(const char *word, struct options *o)
{
    char name[WORD_MAX];
    char *equals;

    strlcpy(name, word, sizeof(name));
    equals = strchr(name, '=');
    if (equals)
        *equals = 0;
    if (equals && parse_value(name, equals + 1, o))
        return;
    if (!parse_flag(name, equals ? equals + 1 : NULL, o))
        add_unknown(word, o);
}

void cmdline_parse(const char *cmdline, struct options *o)
{
    char word[WORD_MAX];

    *o = (struct options){ .console_com1 = true, .com1_baud = 115200, .com1_base = 0x3f8, .com1_irq = 4,
                           .loglvl = LOG_INFO, .guest_loglvl = LOG_WARNING, .watchdog_seconds = 5 };
    for (;;) {
        size_t n = 0;

        while (*cmdline == ' ' || *cmdline == '\t')
            cmdline++;
        while (cmdline[n] && cmdline[n] != ' ' && cmdline[n] != '\t')
            n++;
        if (n == 0)
            return;
        strlcpy(word, cmdline, min(n + 1, sizeof(word)));
        if (strcmp(word, "--") == 0)
            return;
        parse_word(word, o);
        cmdline += n;
    }
}

void cmdline_warn_unknown(void)
{
    if (options.unknown[0])
        pr_warn("Command line: not understood: %s\n", options.unknown);
}
