// SPDX-License-Identifier: MIT
// A guest by libxl's C interface, as a program other than xl would have it: made, watched, changed, ended. Each step is a
// line, "LIBXL ok STEP" or "LIBXL FAIL STEP: why"; the last line is the verdict.
//   libxl-guest pv|pvh
#define _GNU_SOURCE
#include <errno.h>
#include <libxl.h>
#include <libxl_event.h>
#include <libxl_utils.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guest_console.h"

#define NAME "by-libxl"
#define MEMORY_KB (128 * 1024)
#define LESS_KB (96 * 1024)
#define VCPUS 2
#define PATIENCE 60        /* seconds */
#define NO_DOMAIN 30000u   /* an id that no domain has */

static libxl_ctx *ctx;
static uint32_t guest = NO_DOMAIN;
static libxl_domain_type type;
static libxl_evgen_domain_death *death;

// Why a step failed: NULL if it did not.
static __attribute__((format(printf, 1, 2))) const char *why(const char *format, ...)
{
    static char text[320];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    return text;
}

static const char *error(const char *what, int rc)
{
    return rc ? why("%s: %s", what, libxl_error_to_string(rc)) : NULL;
}

// ---- the guest's configuration

static void describe_disk(libxl_device_disk *disk, const char *backing, const char *name)
{
    libxl_device_disk_init(disk);
    disk->pdev_path = strdup(backing);
    disk->vdev = strdup(name);
    disk->backend = LIBXL_DISK_BACKEND_PHY;
    disk->format = LIBXL_DISK_FORMAT_RAW;
    disk->readwrite = 1;
}

static void describe_nic(libxl_device_nic *nic)
{
    libxl_device_nic_init(nic);
    nic->bridge = strdup("xenbr0");
    nic->script = strdup("/etc/xen/scripts/vif-bridge");
}

static void describe_build(libxl_domain_build_info *info)
{
    libxl_domain_build_info_init_type(info, type);
    info->max_vcpus = VCPUS;
    libxl_cpu_bitmap_alloc(ctx, &info->avail_vcpus, VCPUS);
    libxl_bitmap_set_any(&info->avail_vcpus);
    info->max_memkb = info->target_memkb = MEMORY_KB;
    info->tsc_mode = LIBXL_TSC_MODE_NATIVE;
    info->kernel = strdup("/guests/vmlinuz");
    info->ramdisk = strdup("/guests/guest.img");
    info->cmdline = strdup("console=hvc0 mitigations=off panic=-1 prism.do=tests");
}

static const char *create(void)
{
    libxl_domain_config config;
    libxl_domain_config_init(&config);
    config.c_info.type = type;
    config.c_info.name = strdup(NAME);
    libxl_uuid_generate(&config.c_info.uuid);
    describe_build(&config.b_info);
    config.on_poweroff = config.on_reboot = config.on_crash = LIBXL_ACTION_ON_SHUTDOWN_PRESERVE;
    config.disks = calloc(1, sizeof *config.disks);
    describe_disk(&config.disks[0], "/dev/ram0", "xvda");
    config.num_disks = 1;
    config.nics = calloc(1, sizeof *config.nics);
    describe_nic(&config.nics[0]);
    config.num_nics = 1;
    int rc = libxl_domain_create_new(ctx, &config, &guest, NULL, NULL);
    libxl_domain_config_dispose(&config);
    if (rc)
        return error("libxl_domain_create_new", rc);
    return guest && guest != NO_DOMAIN ? NULL : why("its id is %u", guest);
}

// ---- looking at it

static const char *look(libxl_dominfo *info)
{
    libxl_dominfo_init(info);
    return error("libxl_domain_info", libxl_domain_info(ctx, info, guest));
}

static const char *info_paused(void)
{
    libxl_dominfo info;
    const char *bad = look(&info);
    if (bad)
        return bad;
    if (!info.paused || info.shutdown || info.dying)
        bad = why("paused %d, shutdown %d, dying %d", info.paused, info.shutdown, info.dying);
    else if (info.domain_type != (type == LIBXL_DOMAIN_TYPE_PV ? type : LIBXL_DOMAIN_TYPE_HVM))    // as libxl sees a container
        bad = why("its type is %s", libxl_domain_type_to_string(info.domain_type));
    else if (info.vcpu_max_id != VCPUS - 1)
        bad = why("the highest vCPU is %u", info.vcpu_max_id);
    else if (info.max_memkb < MEMORY_KB || info.current_memkb > info.max_memkb)
        bad = why("it may have %lu KiB and has %lu", (unsigned long)info.max_memkb, (unsigned long)info.current_memkb);
    libxl_dominfo_dispose(&info);
    return bad;
}

static const char *names(void)
{
    uint32_t found = 0;
    int rc = libxl_name_to_domid(ctx, NAME, &found);
    if (rc || found != guest)
        return why("libxl_name_to_domid: status %d, domain %u", rc, found);
    char *name = libxl_domid_to_name(ctx, guest);
    const char *bad = name && !strcmp(name, NAME) ? NULL : why("libxl_domid_to_name: %s", name ? name : "nothing");
    free(name);
    return bad;
}

static const char *listed(void)
{
    int count = 0, found = 0;
    libxl_dominfo *all = libxl_list_domain(ctx, &count);
    for (int i = 0; all && i < count; i++)
        found += all[i].domid == guest || all[i].domid == 0;
    libxl_dominfo_list_free(all, count);
    return found == 2 ? NULL : why("libxl_list_domain has %d of the two domains", found);
}

// At most `seconds` for the guest to be paused or not, off or not.
static const char *becomes(bool paused, bool off, unsigned int seconds)
{
    const char *bad = NULL;
    for (unsigned int i = 0; i < seconds * 10; i++) {
        libxl_dominfo info;
        if ((bad = look(&info)))
            return bad;
        bad = info.paused == paused && info.shutdown == off ? NULL : why("paused %d, shutdown %d", info.paused, info.shutdown);
        libxl_dominfo_dispose(&info);
        if (!bad)
            break;
        usleep(100000);
    }
    return bad;
}

static const char *vcpus(void)
{
    int count = 0, cpus = 0, online = 0;
    libxl_vcpuinfo *list = libxl_list_vcpu(ctx, guest, &count, &cpus);
    for (int i = 0; list && i < count; i++)
        online += list[i].online;
    libxl_vcpuinfo_list_free(list, count);
    return count == VCPUS && online == VCPUS && cpus > 0 ? NULL : why("%d of %d vCPUs online, %d CPUs", online, count, cpus);
}

// ---- its console

static const char *command(const char *line, const char *answer)
{
    if (!console_type(line))
        return why("typing: %s", strerror(errno));
    if (!console_expect(answer, PATIENCE) || !console_expect("@@ status 0", PATIENCE))
        return why("'%s' is not answered by '%s': %s", line, answer, console_last());
    return NULL;
}

static const char *console(void)
{
    char *path = NULL;
    int rc = libxl_primary_console_get_tty(ctx, guest, &path);
    if (rc || !path)
        return error("libxl_primary_console_get_tty", rc ? rc : ERROR_FAIL);
    bool opened = console_open(path);
    free(path);
    if (!opened)
        return why("its terminal: %s", strerror(errno));
    if (!console_expect("PRISM-TESTS ready control=no", PATIENCE))
        return why("the guest does not come up: %s", console_last());
    return command("echo sum-$((40 + 2))", "sum-42");
}

// ---- changing it

static const char *unpause(void)
{
    const char *bad = error("libxl_domain_unpause", libxl_domain_unpause(ctx, guest, NULL));
    return bad ? bad : becomes(false, false, 1);
}

static const char *pause_and_unpause(void)
{
    const char *bad = error("libxl_domain_pause", libxl_domain_pause(ctx, guest, NULL));
    if (!bad)
        bad = becomes(true, false, 1);
    if (!bad)
        bad = unpause();
    return bad ? bad : command("echo after-$((1 + 1))", "after-2");
}

// The guest gives back, or takes, within ten seconds; a little more than the target stays with it for its devices.
static const char *reach(uint64_t target)
{
    uint64_t set = 0, has = 0;
    const char *bad = error("libxl_set_memory_target", libxl_set_memory_target(ctx, guest, (int64_t)target, 0, 1));
    if (!bad)
        bad = error("libxl_get_memory_target", libxl_get_memory_target(ctx, guest, &set));
    if (!bad && set != target)
        bad = why("the target is %lu KiB, not %lu", (unsigned long)set, (unsigned long)target);
    for (unsigned int i = 0; !bad && i < 100; i++) {
        libxl_dominfo info;
        if ((bad = look(&info)))
            break;
        has = info.current_memkb;
        libxl_dominfo_dispose(&info);
        if (has <= target + 2048 && has + 2048 >= target)
            return NULL;
        usleep(100000);
    }
    return bad ? bad : why("it has %lu KiB, not %lu", (unsigned long)has, (unsigned long)target);
}

static const char *memory(void)
{
    const char *bad = reach(LESS_KB);
    return bad ? bad : reach(MEMORY_KB);
}

static int disks(void)
{
    int count = 0;
    libxl_device_disk *list = libxl_device_disk_list(ctx, guest, &count);
    libxl_device_disk_list_free(list, count);
    return count;
}

static int nics(void)
{
    int count = 0;
    libxl_device_nic *list = libxl_device_nic_list(ctx, guest, &count);
    libxl_device_nic_list_free(list, count);
    return count;
}

static const char *first_devices(void)
{
    if (disks() != 1 || nics() != 1)
        return why("%d disks, %d networks", disks(), nics());
    return command("load disk; load net; wait_for_disk; ls /sys/class/net", "eth0");
}

static const char *disk(void)
{
    libxl_device_disk more;
    describe_disk(&more, "/dev/ram1", "xvdb");
    const char *bad = error("libxl_device_disk_add", libxl_device_disk_add(ctx, guest, &more, NULL));
    if (!bad && disks() != 2)
        bad = why("%d disks after one was added", disks());
    if (!bad)
        bad = command("sleep 1; cat /sys/block/xvdb/size", "8192");
    if (!bad)
        bad = error("libxl_device_disk_remove", libxl_device_disk_remove(ctx, guest, &more, NULL));
    if (!bad && disks() != 1)
        bad = why("%d disks after one was removed", disks());
    if (!bad)
        bad = command("sleep 1; test -e /dev/xvdb || echo gone-$((1 + 1))", "gone-2");
    libxl_device_disk_dispose(&more);
    return bad;
}

static const char *nic(void)
{
    libxl_device_nic more;
    describe_nic(&more);
    more.devid = 1;
    const char *bad = error("libxl_device_nic_add", libxl_device_nic_add(ctx, guest, &more, NULL));
    if (!bad && nics() != 2)
        bad = why("%d networks after one was added", nics());
    if (!bad)
        bad = command("sleep 1; ls /sys/class/net", "eth1");
    if (!bad)
        bad = error("libxl_device_nic_remove", libxl_device_nic_remove(ctx, guest, &more, NULL));
    if (!bad && nics() != 1)
        bad = why("%d networks after one was removed", nics());
    if (!bad)
        bad = command("sleep 1; test -e /sys/class/net/eth1 || echo gone-$((2 + 2))", "gone-4");
    libxl_device_nic_dispose(&more);
    return bad;
}

// ---- its end

static const char *event(libxl_event_type wanted, int reason)
{
    libxl_event *seen = NULL;
    int rc = libxl_event_wait(ctx, &seen, LIBXL_EVENTMASK_ALL, NULL, NULL);
    if (rc)
        return error("libxl_event_wait", rc);
    const char *bad = NULL;
    if (seen->type != wanted || seen->domid != guest || seen->for_user != 42)
        bad = why("event %s of domain %u", libxl_event_type_to_string(seen->type), seen->domid);
    else if (reason >= 0 && seen->u.domain_shutdown.shutdown_reason != reason)
        bad = why("the reason of its end is %d", seen->u.domain_shutdown.shutdown_reason);
    libxl_event_free(ctx, seen);
    return bad;
}

static const char *watch(void)
{
    return error("libxl_evenable_domain_death", libxl_evenable_domain_death(ctx, guest, 42, &death));
}

static const char *shutdown_event(void)
{
    const char *bad = console_type("poweroff -f") ? NULL : why("typing: %s", strerror(errno));
    if (!bad)
        bad = event(LIBXL_EVENT_TYPE_DOMAIN_SHUTDOWN, LIBXL_SHUTDOWN_REASON_POWEROFF);
    return bad ? bad : becomes(false, true, 1);
}

static const char *destroy(void)
{
    console_close();
    const char *bad = error("libxl_domain_destroy", libxl_domain_destroy(ctx, guest, NULL));
    return bad ? bad : event(LIBXL_EVENT_TYPE_DOMAIN_DEATH, -1);
}

static const char *gone(void)
{
    libxl_evdisable_domain_death(ctx, death);
    int rc = libxl_domain_info(ctx, NULL, guest);
    return rc == ERROR_DOMAIN_NOTFOUND ? NULL : why("libxl_domain_info of a domain that is gone: %d", rc);
}

static const char *no_domain(void)
{
    int rc = libxl_domain_info(ctx, NULL, NO_DOMAIN);
    if (rc != ERROR_DOMAIN_NOTFOUND)
        return why("libxl_domain_info of no domain: %d", rc);
    if (!libxl_domain_pause(ctx, NO_DOMAIN, NULL) || !libxl_domain_destroy(ctx, NO_DOMAIN, NULL))
        return why("a domain that is not there is paused or destroyed");
    return NULL;
}

static const struct {
    const char *name;
    const char *(*act)(void);
} steps[] = {
    { "no-domain", no_domain }, { "create", create }, { "info", info_paused }, { "names", names }, { "list", listed },
    { "watch", watch }, { "unpause", unpause }, { "console", console }, { "vcpus", vcpus }, { "pause", pause_and_unpause },
    { "memory", memory }, { "devices", first_devices }, { "disk", disk }, { "nic", nic }, { "shutdown-event", shutdown_event },
    { "destroy", destroy }, { "gone", gone },
};

int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc != 2 || libxl_domain_type_from_string(argv[1], &type) || type == LIBXL_DOMAIN_TYPE_INVALID)
        return printf("VERDICT error libxl usage: libxl-guest pv|pvh\n"), 2;
    xentoollog_logger *logger = (xentoollog_logger *)xtl_createlogger_stdiostream(stderr, XTL_CRITICAL, 0);
    if (!logger || libxl_ctx_alloc(&ctx, LIBXL_VERSION, 0, logger))
        return printf("VERDICT error libxl no context\n"), 2;
    const char *bad = NULL, *where = "";
    for (size_t i = 0; !bad && i < sizeof steps / sizeof *steps; i++) {
        where = steps[i].name;
        bad = steps[i].act();
        printf("LIBXL %s %s%s%s\n", bad ? "FAIL" : "ok", where, bad ? ": " : "", bad ? bad : "");
    }
    if (bad && guest != NO_DOMAIN)
        libxl_domain_destroy(ctx, guest, NULL);
    libxl_ctx_free(ctx);
    xtl_logger_destroy(logger);
    printf("VERDICT %s libxl-%s %s\n", bad ? "failure" : "success", argv[1], bad ? where : "");
    return bad != NULL;
}
