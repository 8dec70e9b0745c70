# SPDX-License-Identifier: MIT
# Makes the table that lib/symbols.c searches, as assembly, from the output of nm -n: for each function the low half of its
# address and where its name begins; then the names.
BEGIN { n = offset = 0 }
$2 ~ /^[tT]$/ && $3 !~ /^\./ { address[n] = substr($1, 9); name[n] = $3; n++ }
END {
    print "\t.section .symbols, \"a\", @progbits\n\t.balign 8"
    print "\t.global symbol_count, symbol_addresses, symbol_offsets, symbol_names"
    print "\t.hidden symbol_count, symbol_addresses, symbol_offsets, symbol_names"
    print "symbol_count:\t.quad " n
    print "symbol_addresses:"
    for (i = 0; i < n; i++) print "\t.long 0x" address[i]
    print "symbol_offsets:"
    for (i = 0; i < n; i++) { print "\t.long " offset; offset += length(name[i]) + 1 }
    print "symbol_names:"
    for (i = 0; i < n; i++) print "\t.asciz \"" name[i] "\""
}
