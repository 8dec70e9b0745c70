/* SPDX-License-Identifier: MIT */
/* Page tables and descriptor tables of PV domains as typed frames: validated when they become tables, torn down when
 * the last user goes. Levels 2 to 4 may stop half-way; the frame then remembers how far it is (mem/frame.h). */
#include "modes/pv/mm.h"

#include "abi/hypercall.h"

/* In a partial frame's progress, beside the number of entries that hold references: */
#define PROGRESS_INDEX 0x3ffu
#define PROGRESS_FAILED (1u << 16)   /* a bad entry was met: whoever goes on tears down and answers -EINVAL */
#define PROGRESS_CHILD (1u << 17)    /* the table below entry [index] is let go, but is torn down half-way itself */

struct walk {
    struct domain *d;
    mfn_t mfn;
    unsigned int level;
    bool preemptible;
};

static bool skip_slot(unsigned int level, unsigned int i)
{
    return level == 4 && !is_guest_l4_slot(i);
}

static bool should_stop(const struct walk *w)
{
    return w->preemptible && hypercall_preempt_check();
}

/* References of an entry of level 2-4. */
static int get_entry(const struct walk *w, u64 entry)
{
    if (!pv_pte_ok(w->level, entry))
        return -EINVAL;
    return pv_get_table(w->d, pte_mfn(entry), FT_L1 + w->level - 2, w->preemptible);
}

static int put_entry(const struct walk *w, u64 entry)
{
    return pv_put_table(w->d, pte_mfn(entry), w->preemptible);
}

/* Drops what the first `count` entries hold and then the frame's type. Highest first, so that progress is one number.
 * */
static int tear_down(const struct walk *w, unsigned int count, u32 flags)
{
    const u64 *table = mfn_to_virt(w->mfn);
    unsigned int i;
    bool worked = false;
    int rc;

    if (w->level == 1) {
        pv_put_l1_table(table, count);
        frame_type_abandon(w->mfn);
        return 0;
    }
    for (i = pv_present_below(table, count); i > 0; i = pv_present_below(table, i)) {
        if (worked && should_stop(w)) {
            frame_type_partial(w->mfn, i | flags);
            return -ERESTART;
        }
        i--;
        if (skip_slot(w->level, i))
            continue;
        worked = true;
        rc = put_entry(w, table[i]);
        if (rc == -ERESTART) {
            frame_type_partial(w->mfn, i | flags | PROGRESS_CHILD);
            return -ERESTART;
        }
    }
    frame_type_abandon(w->mfn);
    return 0;
}

/* Goes on with a teardown from what the frame remembers. */
static int resume_tear_down(const struct walk *w, u32 progress)
{
    unsigned int i = progress & PROGRESS_INDEX;
    u32 failed = progress & PROGRESS_FAILED;

    if (progress & PROGRESS_CHILD) {
        const u64 *table = mfn_to_virt(w->mfn);
        int rc = pv_finish_table(w->d, pte_mfn(table[i]));

        if (rc) {
            frame_type_partial(w->mfn, progress);
            return rc;
        }
    }
    return tear_down(w, i, failed);
}

static int undo(const struct walk *w, unsigned int count)
{
    int rc = tear_down(w, count, PROGRESS_FAILED);

    return rc ? rc : -EINVAL;
}

static int validate_l1(const struct walk *w, u64 *table)
{
    if (pv_get_l1_table(w->d, table)) {
        frame_type_abandon(w->mfn);
        return -EINVAL;
    }
    frame_type_validated(w->mfn);
    return 0;
}

/* Gives every present entry from `from` on its references. 0; -ERESTART: left partial; -EINVAL: the type is given back.
 * */
static int validate(const struct walk *w, unsigned int from)
{
    u64 *table = mfn_to_virt(w->mfn);
    unsigned int i;
    bool worked = false;
    u64 entry;
    int rc;

    if (w->level == 1)
        return validate_l1(w, table);
    for (i = pv_next_present(table, from); i < PTES_PER_TABLE; i = pv_next_present(table, i + 1)) {
        if (skip_slot(w->level, i))
            continue;
        if (worked && should_stop(w)) {
            frame_type_partial(w->mfn, i);
            return -ERESTART;
        }
        worked = true;
        entry = table[i];
        rc = get_entry(w, entry);
        if (rc == -ERESTART) {
            frame_type_partial(w->mfn, i);
            return rc;
        }
        if (rc)
            return undo(w, i);
        if (entry != pv_entry_adjust(entry))
            table[i] = pv_entry_adjust(entry);
    }
    if (w->level == 4)
        pv_fill_hypervisor_slots(table, to_pv_domain(w->d));
    frame_type_validated(w->mfn);
    return 0;
}

static int validate_descriptors(mfn_t mfn)
{
    u64 *table = mfn_to_virt(mfn);
    unsigned int i;

    for (i = 0; i < PAGE_SIZE / 8; i++) {
        u64 descriptor = table[i];

        if (!descriptor)
            continue;
        if (!pv_check_descriptor(&descriptor)) {
            frame_type_abandon(mfn);
            return -EINVAL;
        }
        if (descriptor != table[i])
            table[i] = descriptor;
    }
    frame_type_validated(mfn);
    return 0;
}

/* The caller has a general and the only type reference; on error both are gone, but that -ERESTART leaves them with the
 * frame. */
static int validate_frame(struct domain *d, mfn_t mfn, enum frame_type type, bool preemptible)
{
    const struct walk w = { d, mfn, type - FT_L1 + 1, preemptible };
    u32 progress;
    int rc;

    if (type == FT_SEGDESC) {
        rc = validate_descriptors(mfn);
    } else {
        progress = frame_type_progress(mfn);
        if (progress & PROGRESS_FAILED)
            rc = resume_tear_down(&w, progress) ?: -EINVAL;
        else
            rc = validate(&w, progress & PROGRESS_INDEX);
    }
    if (rc && rc != -ERESTART)
        put_frame(mfn);
    return rc;
}

int pv_get_table(struct domain *d, mfn_t mfn, enum frame_type type, bool preemptible)
{
    bool partial;
    int rc;

    if (!get_frame_inline(mfn, d->id))
        return -EINVAL;
    if (likely(frame_type_more(mfn, type)))
        return 0;
    partial = mfn_to_frame(mfn)->type & FRAME_PARTIAL;
    rc = frame_type_try(mfn, type);
    if (rc == 0)
        return 0;
    if (rc < 0) {
        put_frame(mfn);
        return -EINVAL;
    }
    if (partial)
        put_frame(mfn);   /* the frame's own general reference becomes ours */
    return validate_frame(d, mfn, type, preemptible);
}

static int put_last(struct domain *d, mfn_t mfn, bool preemptible)
{
    const struct walk w = { d, mfn, frame_type_of(mfn_to_frame(mfn)->type) - FT_L1 + 1, preemptible };

    return frame_type_put(mfn) ? tear_down(&w, frame_type_progress(mfn) & PROGRESS_INDEX, 0) : 0;
}

int pv_put_table(struct domain *d, mfn_t mfn, bool preemptible)
{
    int rc = frame_type_less(mfn) ? 0 : put_last(d, mfn, preemptible);

    if (rc == 0)
        put_frame_inline(mfn);
    return rc;
}

int pv_finish_table(struct domain *d, mfn_t mfn)
{
    struct walk w = { d, mfn, 0, true };
    u64 type;
    int rc = 0;

    if (!get_frame(mfn, d))
        return 0;
    type = mfn_to_frame(mfn)->type;
    if ((type & FRAME_PARTIAL) && frame_type_is_table(frame_type_of(type))) {
        w.level = frame_type_of(type) - FT_L1 + 1;
        frame_type_put(mfn);
        rc = resume_tear_down(&w, frame_type_progress(mfn));
        if (rc == 0)
            put_frame(mfn);   /* the frame's own */
    }
    put_frame(mfn);
    return rc;
}

int pv_pin_table(struct domain *d, mfn_t mfn, enum frame_type type, bool preemptible)
{
    struct pv_domain *pd = to_pv_domain(d);
    int rc = -EINVAL;

    spin_lock(&pd->mm_lock);
    if (!pd->relinquishing)
        rc = pv_get_table(d, mfn, type, preemptible);
    if (rc == 0 && test_and_set_bit(__builtin_ctzl(FRAME_PINNED), &mfn_to_frame(mfn)->type)) {
        /* Pinned already, so this is not the last reference and the put cannot be long. */
        pv_put_table(d, mfn, false);
        rc = -EINVAL;
    }
    spin_unlock(&pd->mm_lock);
    return rc;
}

int pv_unpin_table(struct domain *d, mfn_t mfn)
{
    struct pv_domain *pd = to_pv_domain(d);
    int rc = -EINVAL;

    if (!get_frame(mfn, d))
        return -EINVAL;
    spin_lock(&pd->mm_lock);
    if (test_and_clear_bit(__builtin_ctzl(FRAME_PINNED), &mfn_to_frame(mfn)->type)) {
        rc = pv_put_table(d, mfn, true);
        if (rc == -ERESTART) {
            pv_defer_table(to_pv(current), d, mfn);
            rc = 0;
        }
    }
    spin_unlock(&pd->mm_lock);
    put_frame(mfn);
    return rc;
}

int pv_update_table_entry(struct domain *d, u64 *table, unsigned int level, unsigned int i, u64 entry, enum pte_how how,
                          mfn_t *left)
{
    const struct walk w = { d, 0, level, true };
    u64 old = ACCESS_ONCE(table[i]);
    int rc;

    *left = INVALID_MFN;
    if (skip_slot(level, i))
        return -EINVAL;
    entry = pv_entry_adjust(entry);
    if ((entry & old & PTE_P) && pte_mfn(entry) == pte_mfn(old)) {
        if (!pv_pte_ok(level, entry))
            return -EINVAL;
        pv_write_pte(&table[i], entry, how, 0);
        return 0;
    }
    if (entry & PTE_P) {
        rc = get_entry(&w, entry);
        if (rc)
            return rc;
    }
    pv_write_pte(&table[i], entry, how, 0);
    if ((old & PTE_P) && put_entry(&w, old) == -ERESTART)
        *left = pte_mfn(old);
    return 0;
}
