/* SPDX-License-Identifier: MIT */
/* Doubly linked, circular, intrusive lists. An initialized node that is in no list points to itself. */
#ifndef PRISM_LIB_LIST_H
#define PRISM_LIB_LIST_H

#include "lib/types.h"

struct list { struct list *next, *prev; };

#define LIST_INIT(name) { &(name), &(name) }
#define list_entry(p, type, member) container_of(p, type, member)
#define list_first(head, type, member) list_entry((head)->next, type, member)
#define list_for_each(pos, head, member) \
    for (pos = list_entry((head)->next, typeof(*pos), member); &pos->member != (head); \
         pos = list_entry(pos->member.next, typeof(*pos), member))
/* As list_for_each; pos may be removed in the body. */
#define list_for_each_safe(pos, tmp, head, member) \
    for (pos = list_entry((head)->next, typeof(*pos), member), \
         tmp = list_entry(pos->member.next, typeof(*pos), member); &pos->member != (head); \
         pos = tmp, tmp = list_entry(tmp->member.next, typeof(*pos), member))

static inline void list_init(struct list *l) { l->next = l->prev = l; }
static inline bool list_empty(const struct list *l) { return l->next == l; }

static inline void list_insert(struct list *n, struct list *prev, struct list *next)
{
    n->prev = prev; n->next = next;
    prev->next = n; next->prev = n;
}
static inline void list_add(struct list *n, struct list *head) { list_insert(n, head, head->next); }
static inline void list_add_tail(struct list *n, struct list *head) { list_insert(n, head->prev, head); }
static inline void list_del(struct list *n)
{
    n->prev->next = n->next; n->next->prev = n->prev;
    list_init(n);
}

#endif
