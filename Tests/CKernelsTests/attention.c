// Attention against a softmax in double precision over all visible keys at once.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "CKernels.h"
#include "check.h"
#include "checks.h"
#include "guarded.h"

enum { most_positions = 40, most_queries = 6000, most_keys = 12000, most_visible = 400 };

typedef struct {
    const char *name;
    int64_t positions, heads, head_size;
    /// Keys of the two spans.
    int64_t keys[2];
    /// Lower and upper bound of what a position sees of each span: at position p, start + slope · p, within the span.
    struct {
        int start, slope;
    } bounds[4];
    /// The position that sees nothing, or -1.
    int64_t blind;
    float soft_cap, query_size;
    /// Floats between positions, and between keys, beyond their length.
    int64_t gap;
} shape;

static const shape shapes[] = {
    {"suffix on a prefix", 21, 4, 64, {150, 21}, {{0, 0}, {150, 0}, {0, 0}, {1, 1}}, -1, 0, 1, 5},
    {"sliding window over two spans", 21, 4, 40, {150, 21}, {{81, 1}, {150, 0}, {0, 0}, {1, 1}}, -1, 0, 1, 0},
    {"causal, soft cap, one position blind", 40, 3, 24, {140, 0}, {{30, 1}, {101, 1}, {0, 0}, {0, 0}}, 17, 50, 2, 3},
    {"one row, one key", 1, 1, 1, {1, 0}, {{0, 0}, {1, 0}, {0, 0}, {0, 0}}, -1, 0, 1, 0},
    {"sharp scores, odd head", 5, 5, 7, {3, 5}, {{0, 1}, {3, 0}, {0, 0}, {1, 1}}, -1, 30, 20, 1},
    {"many heads, last key only", 2, 20, 17, {65, 1}, {{64, 0}, {65, 0}, {0, 1}, {1, 0}}, -1, 0, 15, 2},
    {"second span only, disjoint ranges", 3, 2, 72, {0, 140}, {{0, 0}, {0, 0}, {0, 60}, {2, 65}}, -1, 0, 5, 0},
    {"ranges that end at pass borders", 9, 1, 8, {129, 64}, {{60, 1}, {125, 1}, {0, 0}, {60, 1}}, 4, 0, 3, 0},
    {"no position", 0, 2, 8, {4, 0}, {{0, 0}, {4, 0}, {0, 0}, {0, 0}}, -1, 0, 1, 0},
    {"no head", 3, 0, 8, {4, 0}, {{0, 0}, {4, 0}, {0, 0}, {0, 0}}, -1, 0, 1, 0},
    {"heads of no size", 3, 2, 0, {4, 0}, {{0, 0}, {4, 0}, {0, 0}, {0, 0}}, -1, 0, 1, 0},
    {"no key at all", 3, 2, 9, {0, 0}, {{0, 0}, {0, 0}, {0, 0}, {0, 0}}, -1, 0, 1, 0},
};

static random_source source = {4};

static int32_t bound(const shape *s, int which, int64_t position) {
    int64_t value = s->bounds[which].start + s->bounds[which].slope * position, count = s->keys[which / 2];
    return (int32_t)(value < count ? value : count);
}

static double score_of(const float *query, const float *key, int64_t head_size, double cap) {
    double score = 0;
    for (int64_t i = 0; i < head_size; i++) {
        score += (double)query[i] * key[i];
    }
    return cap > 0 ? cap * tanh(score / cap) : score;
}

/// One query row: what the softmax of its scores makes of the visible values.
static void reference(
    const float *query, int64_t head_size, float *const keys[2], float *const values[2], int64_t stride,
    const int32_t *range, double cap, double *output) {
    double weights[most_visible], largest = -INFINITY, sum = 0;
    const float *seen[most_visible];
    int count = 0;
    for (int span = 0; span < 2; span++) {
        for (int32_t key = range[2 * span]; key < range[2 * span + 1]; key++, count++) {
            weights[count] = score_of(query, keys[span] + key * stride, head_size, cap);
            seen[count] = values[span] + key * stride;
            largest = fmax(largest, weights[count]);
        }
    }
    memset(output, 0, (size_t)head_size * sizeof *output);
    for (int key = 0; key < count; key++) {
        double weight = exp(weights[key] - largest);
        sum += weight;
        for (int64_t i = 0; i < head_size; i++) {
            output[i] += weight * seen[key][i];
        }
    }
    for (int64_t i = 0; count && i < head_size; i++) {
        output[i] /= sum;
    }
}

static int64_t extent(int64_t count, int64_t stride, int64_t length) {
    return count ? (count - 1) * stride + length : 0;
}

static void attend(const shape *s, placement where) {
    static float queries[most_queries], spans[4][most_keys];
    static int32_t ranges[4 * most_positions];
    float *const keys[2] = {spans[0], spans[1]}, *const values[2] = {spans[2], spans[3]};
    check_case("%s, placement %d", s->name, where);
    const int64_t row = s->heads * s->head_size, stride = row + s->gap, key_stride = s->head_size + s->gap;
    const int64_t query_count = extent(s->positions, stride, row);
    int64_t key_counts[2];
    random_floats(&source, queries, query_count, -s->query_size, s->query_size);
    for (int span = 0; span < 2; span++) {
        key_counts[span] = extent(s->keys[span], key_stride, s->head_size);
        random_floats(&source, keys[span], key_counts[span], -1, 1);
        random_floats(&source, values[span], key_counts[span], -1, 1);
    }
    for (int64_t position = 0; position < s->positions; position++) {
        for (int which = 0; which < 4; which++) {
            ranges[4 * position + which] = position == s->blind ? 0 : bound(s, which, position);
        }
    }
    float *output = guarded_output(NULL, query_count, sizeof(float), where);
    ck_attention(
        guarded_input(queries, query_count, sizeof(float), where), stride, s->positions, s->heads, s->head_size,
        guarded_input(keys[0], key_counts[0], sizeof(float), where),
        guarded_input(values[0], key_counts[0], sizeof(float), where), key_stride,
        guarded_input(keys[1], key_counts[1], sizeof(float), where),
        guarded_input(values[1], key_counts[1], sizeof(float), where), key_stride,
        guarded_input(ranges, 4 * s->positions, sizeof(int32_t), where), s->soft_cap, output, stride);
    double want[64 * 4];
    for (int64_t i = 0; i < query_count; i++) {
        int64_t position = i / stride, place = i % stride;
        if (place >= row) {
            check_true(guarded_is_unwritten(output + i), "wrote between two rows");
            continue;
        }
        if (place % s->head_size == 0) {
            reference(queries + i, s->head_size, keys, values, key_stride, ranges + 4 * position, s->soft_cap, want);
        }
        check_value(output[i], want[place % s->head_size], 1);
    }
    guarded_done();
}

static void sharp(void) {
    // Scores of ±10000 would overflow an exponential that is not taken relative to the largest.
    enum { count = 150 };
    float query = 100, keys[count], values[count];
    for (int winner = 0; winner < count; winner++) {
        check_case("only key %d counts", winner);
        for (int key = 0; key < count; key++) {
            keys[key] = key == winner ? 100 : -100;
            values[key] = (float)key / count;
        }
        int32_t ranges[4] = {0, count, 0, 0};
        float *output = guarded_output(NULL, 1, sizeof(float), at_end);
        ck_attention(&query, 1, 1, 1, 1, guarded_input(keys, count, sizeof(float), at_end),
                     guarded_input(values, count, sizeof(float), at_end), 1, NULL, NULL, 1, ranges, 0, output, 1);
        check_value(*output, values[winner], 1);
        guarded_done();
    }
}

void check_attention(void) {
    check_begin("attention, values within 1", "absolute", 5e-6);
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        for (placement where = at_end; where < placements; where++) {
            attend(&shapes[i], where);
        }
    }
    check_begin("attention with one score far above the others", "absolute", 1e-6);
    sharp();
}
