/* SPDX-License-Identifier: Apache-2.0 */
#include "weather.h"

#include <stddef.h>

#include "chance.h"

struct weather weather;

/* The most that each may be. */
static const struct {
    size_t offset;
    int most;
} kinds[] = {
#define KIND(name, most)                     \
    {                                        \
        offsetof(struct weather, name), most \
    }
    KIND(store_away, 80),    KIND(store_lost, 60),
    KIND(store_unheard, 80), KIND(store_overtaken, 150),
    KIND(keys_away, 60),     KIND(call_unsent, 80),
    KIND(call_lost, 80),     KIND(call_unheard, 150),
    KIND(call_broken, 100),  KIND(call_late, 150),
    KIND(call_lies, 150),    KIND(notice_lost, 300),
    KIND(notice_twice, 300), KIND(notice_unheard, 300),
    KIND(notice_late, 300),  KIND(crash, 30),
#undef KIND
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static int *
at(size_t kind)
{
    return (int *)(void *)((unsigned char *)&weather + kinds[kind].offset);
}

/* One run in eight is calm; in the others each kind is absent half of the time. */
void
weather_draw(void)
{
    weather_calm();
    bool calm = chance_below(8) == 0;
    for (size_t i = 0; i < KINDS; i++) {
        int strength = (int)chance_between(1, kinds[i].most);
        bool absent = chance_below(2) == 0;
        *at(i) = calm || absent ? 0 : strength;
    }
}

void
weather_calm(void)
{
    weather = (struct weather){ .crash = 0 };
}

bool
weather_is_calm(void)
{
    for (size_t i = 0; i < KINDS; i++) {
        if (*at(i) != 0) {
            return false;
        }
    }
    return true;
}
