/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of gateway/core as Promela: spin's preprocessor includes the very rows that the code is made of. TABLE is the file
 * of rows; the words have numbers in the model. A sum has one term a row, of which at most one is not zero: an empty cell gives
 * zero, which refuses. */
#define REFUSE 0
#define MOVE   1
#define KEEP   2
#define ALARM  3

hidden byte edge_from, edge_event, edge_to, edge_effect; /* no part of the state: used within one step only */

inline look_up(from_state, by_event)
{
    edge_from = from_state;
    edge_event = by_event;
#define EDGE(from, event, to, effect) +(edge_from == STATE_##from && edge_event == EVENT_##event) * STATE_##to
    edge_to = (0
#include TABLE
    );
#undef EDGE
#define EDGE(from, event, to, effect) +(edge_from == STATE_##from && edge_event == EVENT_##event) * effect
    edge_effect = (0
#include TABLE
    );
#undef EDGE
}
