/* SPDX-License-Identifier: MIT */
/* xen/lib/string.c under names that do not take the host's place. */
#define memcpy prism_memcpy
#define memmove prism_memmove
#define memset prism_memset
#define memcmp prism_memcmp
#define strlen prism_strlen
#define strnlen prism_strnlen
#define strcmp prism_strcmp
#define strncmp prism_strncmp
#define strchr prism_strchr
#define strstr prism_strstr
#define strlcpy prism_strlcpy
#include "../../xen/lib/string.c"
