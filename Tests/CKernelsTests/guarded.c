#include "guarded.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "check.h"

enum {
    /// Arrays of one case, and the bytes of the largest.
    rooms = 16,
    room_bytes = 1 << 20,
    /// Bytes on both sides of an array that are watched, besides the pages that cannot be touched at all.
    margin = 512,
    canary = 0xa5,
};

typedef struct {
    uint8_t *pages, *start;
    int64_t bytes;
    /// What the array must still hold at the end; NULL for results.
    const void *contents;
} room;

static room all_rooms[rooms];
static int used = 0;

static uint8_t *protected_pages(void) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    uint8_t *all = mmap(NULL, room_bytes + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (all == MAP_FAILED || mprotect(all + page, room_bytes, PROT_READ | PROT_WRITE) != 0) {
        perror("cannot map memory for the tests");
        exit(2);
    }
    return all + page;
}

static int64_t watched_before(const room *r) { return r->start - r->pages < margin ? r->start - r->pages : margin; }

static int64_t watched_after(const room *r) {
    int64_t left = r->pages + room_bytes - (r->start + r->bytes);
    return left < margin ? left : margin;
}

static room *take(int64_t bytes, int64_t size, placement where) {
    if (used == rooms || bytes + size > room_bytes) {
        fprintf(stderr, "a test asks for array %d of %lld bytes; there is room for %d of %d\n", used + 1,
                (long long)bytes, rooms, room_bytes);
        exit(2);
    }
    room *r = &all_rooms[used++];
    if (!r->pages) {
        r->pages = protected_pages();
    }
    int64_t offset = where == at_end ? room_bytes - bytes : where == at_start ? 0 : size;
    r->start = r->pages + offset;
    r->bytes = bytes;
    r->contents = NULL;
    memset(r->start - watched_before(r), canary, (size_t)watched_before(r));
    memset(r->start + bytes, canary, (size_t)watched_after(r));
    return r;
}

const void *guarded_input(const void *contents, int64_t count, int64_t size, placement where) {
    room *r = take(count * size, size, where);
    if (r->bytes) {
        memcpy(r->start, contents, (size_t)r->bytes);
    }
    r->contents = contents;
    return r->start;
}

void *guarded_output(const void *contents, int64_t count, int64_t size, placement where) {
    room *r = take(count * size, size, where);
    if (contents) {
        memcpy(r->start, contents, (size_t)r->bytes);
    } else {
        memset(r->start, 0xff, (size_t)r->bytes);
    }
    return r->start;
}

static int is_intact(const uint8_t *bytes, int64_t count) {
    for (int64_t i = 0; i < count; i++) {
        if (bytes[i] != canary) {
            return 0;
        }
    }
    return 1;
}

void guarded_done(void) {
    for (int i = 0; i < used; i++) {
        const room *r = &all_rooms[i];
        check_true(is_intact(r->start - watched_before(r), watched_before(r)), "wrote before an array");
        check_true(is_intact(r->start + r->bytes, watched_after(r)), "wrote behind an array");
        check_true(!r->contents || memcmp(r->start, r->contents, (size_t)r->bytes) == 0, "changed an input");
    }
    used = 0;
}

int guarded_is_unwritten(const float *value) {
    static const uint8_t untouched[sizeof(float)] = {0xff, 0xff, 0xff, 0xff};
    return memcmp(value, untouched, sizeof untouched) == 0;
}
