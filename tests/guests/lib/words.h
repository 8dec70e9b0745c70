/* SPDX-License-Identifier: MIT */
/* A kernel's command line. */
u32 number_in(const char *words, const char *name, u32 otherwise);   /* name: "seed=" */
