/* SPDX-License-Identifier: MIT */
/* A 16550 UART: registers and bits as in National Semiconductor's PC16550D data sheet, section 8. */
#include "lib/serial.h"

#include "cpu/x86.h"

enum { DATA = 0, IER = 1, FCR = 2, LCR = 3, MCR = 4, LSR = 5, SCRATCH = 7, DIVISOR_LOW = 0, DIVISOR_HIGH = 1 };
#define IER_RECEIVED 0x01
#define FCR_ENABLE_CLEAR 0x07     /* FIFOs on and empty, an interrupt from the first byte on */
#define LCR_8N1 0x03
#define LCR_DIVISOR 0x80
#define MCR_DTR_RTS_OUT2 0x0b     /* OUT2 lets the interrupt out of a PC's UART */
#define LSR_RECEIVED 0x01
#define LSR_FIFO_EMPTY 0x20
#define LSR_ALL_EMPTY 0x40
#define FIFO_BYTES 16
#define WAIT_MAX 1000000          /* a UART that never gets ready is given up: output must not stop the machine */

static u16 port;   /* 0: none */

bool serial_init(u16 base, u32 baud)
{
    u16 divisor = (u16)(baud ? 115200 / baud : 0);

    outb(base + SCRATCH, 0x5a);
    if (inb(base + SCRATCH) != 0x5a)
        return false;
    outb(base + IER, 0);
    if (divisor) {
        outb(base + LCR, LCR_DIVISOR | LCR_8N1);
        outb(base + DIVISOR_LOW, (u8)divisor);
        outb(base + DIVISOR_HIGH, (u8)(divisor >> 8));
    }
    outb(base + LCR, LCR_8N1);
    outb(base + FCR, FCR_ENABLE_CLEAR);
    outb(base + MCR, MCR_DTR_RTS_OUT2);
    port = base;
    return true;
}

static bool wait_for(u8 bit)
{
    for (unsigned int i = 0; i < WAIT_MAX; i++) {
        if (inb(port + LSR) & bit)
            return true;
        cpu_relax();
    }
    return false;
}

void serial_write(const char *text, size_t n)
{
    while (port && n) {
        if (!wait_for(LSR_FIFO_EMPTY)) {
            port = 0;
            return;
        }
        for (unsigned int room = FIFO_BYTES; room && n; room--, n--)
            outb(port + DATA, (u8)*text++);
    }
}

void serial_flush(void)
{
    if (port)
        wait_for(LSR_ALL_EMPTY);
}

bool serial_read(char *c)
{
    if (!port || !(inb(port + LSR) & LSR_RECEIVED))
        return false;
    *c = (char)inb(port + DATA);
    return true;
}

void serial_enable_interrupts(void)
{
    if (port)
        outb(port + IER, IER_RECEIVED);
}
