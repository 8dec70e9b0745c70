/* SPDX-License-Identifier: MIT */
/* Movement along the spectrum: mixes of answers that a guest can live with, changes of a domain's row before its first
 * instruction, and the record of all changes, by the control domain or by what a guest does. */
#ifndef PRISM_MODES_SPECTRUM_CHANGE_H
#define PRISM_MODES_SPECTRUM_CHANGE_H

#include "dom/mode_log.h"

struct domain;

/* ---- spectrum_mix.c: pure */

/* Why no guest can live with these four answers together; NULL: one can. docs/spectrum.md has all sixteen. */
const char *mix_refused(const enum answer mix[NR_COLUMNS]);

/* ---- spectrum_change.c */

enum answer row_answer(const struct row *row, enum column c);
const char *answer_name(enum answer a);   /* "pv", "hw", "emu" */

/* Gives d another row, or its row another answer in one column; a mix that is no row of the spectrum is d's own. 0, or
 * -EINVAL with *why set, a text that stays: the domain has run or is dying, no guest can live with the mix, d was made for
 * other answers, or the build does not have them. control_lock held, and a reference to d. */
int row_change(struct domain *d, const struct row *wanted, const char **why);
int row_change_column(struct domain *d, enum column c, enum answer a, const char **why);

/* ---- mode_log.c. Any context, interrupts in any state, under any lock but the console's. */

/* d's guest has been seen to take up the answer that its row gives in a column ("callback vector registered"): until
 * then it used its platform's. Recorded and said on the console; one that repeats the last is not recorded again. */
void mode_note(struct domain *d, enum column c, const char *reason);
/* A change from one answer to another, which may be the same. */
void mode_record(struct domain *d, enum column c, enum answer from, enum answer to, const char *reason);
/* Change n, from 0 on, as it is now. False: there is none, or it is no longer kept. */
bool mode_log_get(const struct domain *d, u32 n, struct mode_change *change);

/* ---- spectrum_fs.c: /mode in the hypervisor file system. Once, by the boot CPU. */
void spectrum_fs_init(void);

/* ---- spectrum_marks.c: the read() of /mode/ID/marks (abi/hypfs.h). -ENOENT */
struct hypfs_node;
struct hypfs_out;
int spectrum_read_marks(const struct hypfs_node *node, u32 id, struct hypfs_out *out);

#endif
