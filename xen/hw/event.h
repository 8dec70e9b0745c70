/* SPDX-License-Identifier: MIT */
/* Exceptions on top of exceptions. Pure. */
#ifndef PRISM_HW_EVENT_H
#define PRISM_HW_EVENT_H

#include "lib/types.h"

enum event_join { EVENT_REPLACE, EVENT_DOUBLE_FAULT, EVENT_TRIPLE_FAULT };

/* An exception `second` arises while exception `first` is being delivered (AMD64 APM vol. 2, 8.2.9): it takes its
 * place (the first arises again when the second's handler returns), both become #DF, or the processor shuts down. */
enum event_join event_join(u8 first, u8 second);

/* Does this exception push an error code (APM vol. 2, table 8-1)? */
static inline bool event_has_error(u8 vector)
{ return vector < 32 && (0x60227d00u >> vector & 1); }

#endif
