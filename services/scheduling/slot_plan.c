/* First fit, a quarter of an hour at a time. */
#include "services/scheduling/slot_plan.h"

struct placing {
    const struct slot_question *question;
    struct slot_place *places;
    enum { PLACE_MOST, PLACE_MORE, PLACE_WISHED, PLACE_LEAST } length;
};

static int length_of(const struct placing *placing, const struct slot_want *want)
{
    int more = (want->minutes + want->most) / 2;
    switch (placing->length) {
    case PLACE_MOST:
        return want->most;
    case PLACE_MORE:
        return more - more % SLOT_STEP < want->minutes ? want->minutes
                                                       : more - more % SLOT_STEP;
    case PLACE_WISHED:
        return want->minutes;
    default:
        return want->least;
    }
}

static bool overlaps(int from, int to, int other_from, int other_to)
{
    return from < other_to && other_from < to;
}

static bool needs_auditor(const struct placing *placing, const struct slot_want *want,
                          const struct slot_place *place, int auditor)
{
    if (want->auditors == SLOT_ALL_AUDITORS || placing->question->auditor_count == 0)
        return true;
    return place->auditor == auditor;
}

static bool needs_person(const struct slot_want *want, int who)
{
    for (size_t i = 0; i < want->people_count; i++) {
        if (want->people[i] == who)
            return true;
    }
    return false;
}

/* Is one of the people of `one` needed in the other, as one who is heard or as one who audits? */
static bool people_needed(const struct placing *placing, size_t one, size_t other,
                          const struct slot_place *there)
{
    const struct slot_want *want = &placing->question->wants[one];
    const struct slot_want *beside = &placing->question->wants[other];
    for (size_t i = 0; i < want->people_count; i++) {
        int who = want->people[i];
        if (needs_person(beside, who) || (who < placing->question->auditor_count &&
                                          needs_auditor(placing, beside, there, who)))
            return true;
    }
    return false;
}

/* Does somebody have to be in both? */
static bool share_somebody(const struct placing *placing, size_t one,
                           const struct slot_place *place, size_t other)
{
    const struct slot_want *wants = placing->question->wants;
    const struct slot_place *there = &placing->places[other];
    int tracks = placing->question->auditor_count;
    for (int auditor = 0; auditor < (tracks ? tracks : 1); auditor++) {
        if (needs_auditor(placing, &wants[one], place, auditor) &&
            needs_auditor(placing, &wants[other], there, auditor))
            return true;
    }
    return people_needed(placing, one, other, there) ||
           people_needed(placing, other, one, place);
}

static bool is_before(const struct slot_place *a, const struct slot_place *b)
{
    return a->day < b->day || (a->day == b->day && a->to <= b->from);
}

/* What is first stays before, what is last stays after everything else. */
static bool order_kept(const struct placing *placing, size_t one,
                       const struct slot_place *place, size_t other)
{
    const struct slot_want *wants = placing->question->wants;
    if (wants[one].order < wants[other].order)
        return is_before(place, &placing->places[other]);
    if (wants[one].order > wants[other].order)
        return is_before(&placing->places[other], place);
    return true;
}

static bool fits_beside(const struct placing *placing, size_t one,
                        const struct slot_place *place)
{
    for (size_t other = 0; other < placing->question->want_count; other++) {
        const struct slot_place *there = &placing->places[other];
        if (other == one || !there->placed)
            continue;
        if (!order_kept(placing, one, place, other))
            return false;
        if (there->day == place->day &&
            overlaps(place->from, place->to, there->from, there->to) &&
            share_somebody(placing, one, place, other))
            return false;
    }
    return true;
}

static bool everybody_free(const struct placing *placing, const struct slot_want *want,
                           const struct slot_place *place)
{
    const struct slot_question *question = placing->question;
    for (size_t i = 0; i < question->busy_count; i++) {
        const struct slot_busy *busy = &question->busy[i];
        if (busy->day != place->day ||
            !overlaps(place->from, place->to, busy->from, busy->to))
            continue;
        bool is_auditor = busy->who < question->auditor_count;
        if ((is_auditor && needs_auditor(placing, want, place, busy->who)) ||
            needs_person(want, busy->who))
            return false;
    }
    return true;
}

static bool fits(const struct placing *placing, size_t one,
                 const struct slot_place *place)
{
    const struct slot_question *question = placing->question;
    if (place->from < question->open || place->to > question->close ||
        overlaps(place->from, place->to, question->lunch_from, question->lunch_to))
        return false;
    if (place->auditor >= 0 && needs_person(&question->wants[one], place->auditor))
        return false; /* nobody audits himself */
    return everybody_free(placing, &question->wants[one], place) &&
           fits_beside(placing, one, place);
}

/* ---- who ---- */

static int minutes_of(const struct placing *placing, int auditor)
{
    int minutes = 0;
    for (size_t i = 0; i < placing->question->want_count; i++) {
        const struct slot_place *place = &placing->places[i];
        if (place->placed && place->auditor == auditor)
            minutes += place->to - place->from;
    }
    return minutes;
}

/* Takes the auditor with the least to do who fits; -1 is "all". */
static bool take_time(const struct placing *placing, size_t one, struct slot_place *place)
{
    const struct slot_want *want = &placing->question->wants[one];
    int count = placing->question->auditor_count, best = -1, least = 0;
    if (want->auditors == SLOT_ALL_AUDITORS || count == 0)
        return fits(placing, one, place);
    if (want->auditors == SLOT_LEAD)
        count = 1;
    for (int auditor = 0; auditor < count; auditor++) {
        place->auditor = auditor;
        int minutes = minutes_of(placing, auditor);
        if ((best < 0 || minutes < least) && fits(placing, one, place)) {
            best = auditor;
            least = minutes;
        }
    }
    place->auditor = best;
    return best >= 0;
}

/* ---- when ---- */

static bool try_at(const struct placing *placing, size_t one, int day, int from)
{
    const struct slot_want *want = &placing->question->wants[one];
    int minutes = length_of(placing, want);
    struct slot_place place = {true, day, from, from + minutes, -1};
    if (!take_time(placing, one, &place))
        return false;
    placing->places[one] = place;
    return true;
}

static bool place_early(const struct placing *placing, size_t one)
{
    const struct slot_question *question = placing->question;
    for (int day = 0; day < question->day_count; day++) {
        for (int from = question->open; from < question->close; from += SLOT_STEP) {
            if (try_at(placing, one, day, from))
                return true;
        }
    }
    return false;
}

static bool place_late(const struct placing *placing, size_t one)
{
    const struct slot_question *question = placing->question;
    const struct slot_want *want = &question->wants[one];
    int minutes = length_of(placing, want);
    for (int day = question->day_count - 1; day >= 0; day--) {
        for (int from = question->close - minutes; from >= question->open;
             from -= SLOT_STEP) {
            if (try_at(placing, one, day, from))
                return true;
        }
    }
    return false;
}

/* The ends first, the last from the back, so that what lies between finds its bounds. */
static bool place_all(const struct placing *placing)
{
    static const enum slot_order orders[] = {SLOT_FIRST, SLOT_LAST, SLOT_LATE,
                                             SLOT_BETWEEN};
    const struct slot_question *question = placing->question;
    bool all = true;
    for (size_t i = 0; i < question->want_count; i++)
        placing->places[i] = (struct slot_place){.auditor = -1};
    for (size_t k = 0; k < sizeof orders / sizeof *orders; k++) {
        for (size_t i = 0; i < question->want_count; i++) {
            if (question->wants[i].order != orders[k])
                continue;
            bool late = orders[k] == SLOT_LATE || orders[k] == SLOT_LAST;
            all &= late ? place_late(placing, i) : place_early(placing, i);
        }
    }
    return all;
}

void slot_plan(const struct slot_question *question, struct slot_place *ret_places)
{
    for (int length = PLACE_MOST; length <= PLACE_LEAST; length++) {
        const struct placing placing = {
            .question = question, .places = ret_places, .length = length};
        if (place_all(&placing))
            return;
    }
}
