/* SPDX-License-Identifier: Apache-2.0 */
/* One payment of one order, with its attempts, at providers that take money whenever they like.
 *
 * Each proctype is one flow of gateway/proc/flow, cut where something else can come between: a statement of ours, a call of the
 * provider. What a flow knows beside the books dies with its process, and it begins anew, as the schedule or the client does.
 * Until the faults stop (`calm`) a process may be killed at every step, a statement may fail, or be stored and its reply be lost,
 * a call or its answer may get lost. README.md tells the claims and the switches. */

#ifndef ATTEMPTS
#define ATTEMPTS 1
#endif

/* Numbers for the words of attempt_edges.def; nothing depends on which. NONE: no row yet, no event. */
#define STATE_NONE         0
#define STATE_CREATED      1
#define STATE_PENDING      2
#define STATE_UNKNOWN      3
#define STATE_CLOSING      4
#define STATE_CLOSED       5
#define STATE_PAID         6
#define STATE_LATE_PAID    7
#define EVENT_NONE         0
#define EVENT_SENT         1
#define EVENT_PAID         2
#define EVENT_UNPAID       3
#define EVENT_UNPAID_FINAL 4
#define EVENT_NO_ANSWER    5
#define EVENT_CLOSE_ASKED  6
#define EVENT_CLOSED       7
#define EVENT_MISMATCH     8
#define EVENT_NOTICED      9

#define TABLE "attempt_edges.def"
#include "machine.pml"

/* What the provider holds. LATE is money that came although the trade was closed; REFUNDED was paid and given back whole. */
#define TRADE_NONE     0
#define TRADE_OPEN     1
#define TRADE_CLOSED   2
#define TRADE_PAID     3
#define TRADE_LATE     4
#define TRADE_REFUNDED 5

#define OPEN   0 /* states of the payment */
#define PAID   1
#define CLOSED 2

#define LAST       (ATTEMPTS - 1)
#define MONEY(a)   (trade[a] >= TRADE_PAID)
#define ENDED(a)   (trade[a] == TRADE_CLOSED || trade[a] == TRADE_LATE || (trade[a] == TRADE_NONE && expired))
#define SETTLED(s) ((s) == STATE_PAID || (s) == STATE_LATE_PAID)
#define FINAL(s)   (SETTLED(s) || (s) == STATE_CLOSED)
#define PAYABLE(s) ((s) == STATE_CREATED || (s) == STATE_PENDING || (s) == STATE_UNKNOWN)
#define POLLED(a)  (state[a] == STATE_PENDING || state[a] == STATE_CLOSING || UNKNOWN_POLLED(state[a]) || NOTICE_POLLED(a))
#define SHUT(s)    ((s) == STATE_NONE || (s) == STATE_CLOSED)
#define ALL_CLOSED (SHUT(state[0]) && SHUT(state[LAST]))

#ifdef WITHOUT_CALM
#define calm false
#else
bit calm; /* the faults have stopped */
#endif
bit expired; /* the time to pay is over, here and at the provider */

/* The world. */
byte trade[ATTEMPTS];
bit given[ATTEMPTS];  /* the payer has the form or the code */
bit silent[ATTEMPTS]; /* the provider sends nothing more about it */

/* The books. */
byte payment;
bit close_asked;
byte state[ATTEMPTS];
bit heard_paid[ATTEMPTS], heard_closed[ATTEMPTS]; /* these words of a callback are stored */
bit success[ATTEMPTS];                            /* it became paid: an event */
bit told_paid[ATTEMPTS], told_late[ATTEMPTS], told_duplicate[ATTEMPTS], told_closed; /* rows of the outbox */
#define SUCCESSES (success[0] + (ATTEMPTS - 1) * success[LAST])
#define TOLD(a)   (told_paid[a] || told_late[a] || told_duplicate[a])

/* The version of an attempt: which one (+ 1) a flow has read and nobody has changed since. */
#define STARTER  0
#define CALLBACK 1
#define POLLER   2
#define CLOSER   3
#define ASKER    4
#define FLOWS    5
#ifdef SNAPSHOTS
byte fresh[FLOWS];
#endif

#ifdef CALLBACK_ASKS
bit asking[ATTEMPTS];  /* a notice was stored, and this process is about to ask whether it is true */
byte heard[ATTEMPTS]; /* 0: none waits for an answer; HEARD, or the flow that asked since */
#define HEARD        1
#define ASKED_BY(me) (me + 2)
#endif

#define STORED 1 /* or repeated, or refused: the books have had their say */
#define FAILED 2 /* not stored; or stored, and the reply got lost */
#define RACED  3
byte result, after; /* of the statement that is just done; zero between two steps */
#define THEN(place) d_step { result = 0; after = 0 } goto place
hidden byte each; /* a hidden value lives within one d_step only: the search does not restore it */
#ifdef FAULT_COUNT_APART
#define AGAIN counted
#else
#define AGAIN again
hidden byte again;
#endif

#include "payment_faults.pml"

/* ---- payment_apply: the one writer of money state --------------------------------------------------------------------------- */

inline tell(a)
{
    if
    :: state[a] == STATE_LATE_PAID -> assert(!told_late[a]); told_late[a] = 1
    :: state[a] == STATE_PAID && !AGAIN ->
        assert(!told_paid[0] && !told_paid[LAST]); /* a second success of the order is not told as the first */
        told_paid[a] = 1
    :: else
    fi;
    if
    :: AGAIN -> assert(!told_duplicate[a]); told_duplicate[a] = 1
    :: else
    fi
}

/* The claims that one step can break. */
inline store(a)
{
    assert(!SETTLED(state[a]) || edge_to == state[a]);                                    /* never regresses */
    assert(state[a] != STATE_CLOSED || edge_to == STATE_CLOSED || edge_to == STATE_LATE_PAID);
    assert(!SETTLED(edge_to) || MONEY(a));                                                /* never paid without evidence */
    assert(edge_to != STATE_CLOSED || state[a] == STATE_CLOSED || ENDED(a) || !given[a]); /* never closed on a guess */
    if
    :: NEWLY_PAID(a) ->
        assert(!success[a]);                                                              /* one success event an attempt */
        payment = PAID;
        state[a] = edge_to;
#ifndef FAULT_COUNT_APART
        again = (SUCCESSES > 0);
#endif
        success[a] = 1;
        TELL(a)
    :: else -> state[a] = edge_to
    fi;
#ifdef SNAPSHOTS
    each = 0;
    do
    :: each < FLOWS -> if :: fresh[each] == a + 1 -> fresh[each] = 0 :: else fi; each++
    :: else -> break
    od
#endif
}

#ifdef CALLBACK_ASKS
inline take_notice(a)
{
    if
    :: SETTLED(state[a]) -> heard[a] = 0
    :: !SETTLED(state[a]) && said == EVENT_NOTICED -> heard[a] = HEARD
    :: else
    fi
}

/* attempt_claim_query: what was heard before is what the answer is to be about. */
inline claim(me, a)
{
    if
    :: heard[a] -> heard[a] = ASKED_BY(me)
    :: else
    fi
}

/* The same for a close, whose answer is not about what was heard. */
inline hear_anew(a)
{
    if
    :: heard[a] -> heard[a] = HEARD
    :: else
    fi
}

/* attempt_release_query: an answer settles the notice, unless another came or another flow asks by now. */
inline release(me, a)
{
    if
    :: said != EVENT_NO_ANSWER && said != EVENT_CLOSE_ASKED && ANSWERS(me, a) -> heard[a] = 0
    :: !calm
    :: else
    fi
}
#else
#define take_notice(a) skip
#define claim(me, a)   skip
#define hear_anew(a)   skip
#define release(me, a) skip
#endif

/* `said` happens to attempt a. Leaves `result`, and in `after` the state that is answered. */
inline apply(me, a)
{
    if
    :: d_step {
            if
            :: FRESH(me, a) ->
                result = STORED;
                look_up(READ(a), said);
                if
                :: edge_effect == REFUSE || KNOWN(me, a)
                :: else ->
                    if
                    :: me == CALLBACK && (said == EVENT_PAID || said == EVENT_NOTICED) -> heard_paid[a] = 1
                    :: me == CALLBACK && said == EVENT_CLOSED -> heard_closed[a] = 1
                    :: else
                    fi;
                    store(a);
                    take_notice(a)
                fi;
                after = state[a]
            :: else -> result = RACED
            fi;
            FORGET_READ(me)
        }
        if
        :: true
        :: !calm -> result = FAILED /* the reply got lost; or it was one race too many */
        fi
    :: d_step { !calm -> result = FAILED; FORGET_READ(me) } /* nothing is stored */
    fi
}

/* payment_close_settle. */
inline settle()
{
    d_step {
        if
        :: payment == OPEN && close_asked && ALL_CLOSED -> assert(!told_closed); payment = CLOSED; told_closed = 1
        :: else
        fi
    }
}

TELLER

/* ---- the world -------------------------------------------------------------------------------------------------------------- */

inline world_of(a)
{
    if
    :: d_step { given[a] && trade[a] == TRADE_NONE && !expired -> trade[a] = TRADE_OPEN } /* the payer opens the form */
    :: d_step { given[a] && trade[a] == TRADE_OPEN -> trade[a] = TRADE_PAID }
    :: d_step { trade[a] == TRADE_OPEN && expired -> trade[a] = TRADE_CLOSED }
#ifdef LATE_MONEY
    :: d_step { given[a] && trade[a] == TRADE_CLOSED -> trade[a] = TRADE_LATE; silent[a] = 0 }
#endif
#ifdef REFUNDS
    :: d_step { trade[a] == TRADE_PAID -> trade[a] = TRADE_REFUNDED }
#endif
    fi
}

active proctype world()
{
end:do
    :: world_of(0)
#if ATTEMPTS > 1
    :: world_of(1)
#endif
    :: d_step { !expired -> expired = 1 }
#ifndef WITHOUT_CALM
    :: d_step { !calm -> calm = 1 }
#endif
    od
}

/* What the provider answers to a question. */
inline hear(a)
{
    if
    :: trade[a] == TRADE_NONE && !expired -> said = EVENT_UNPAID
    :: trade[a] == TRADE_NONE && expired -> said = EVENT_UNPAID_FINAL
    :: trade[a] == TRADE_OPEN -> said = EVENT_UNPAID
    :: trade[a] == TRADE_CLOSED -> said = EVENT_CLOSED
    :: trade[a] == TRADE_PAID || trade[a] == TRADE_LATE -> said = EVENT_PAID
    :: trade[a] == TRADE_REFUNDED -> said = REFUNDED_SAYS
    fi
}

/* ---- attempt_start.c -------------------------------------------------------------------------------------------------------- */

active proctype starter()
{
    byte a, said;
    FLOW;
end:do
    :: d_step {
            payment == OPEN && !close_asked && !expired && state[LAST] == STATE_NONE ->
            a = (state[0] == STATE_NONE -> 0 : LAST);
            state[a] = STATE_CREATED
        }
        if
        :: said = EVENT_SENT /* a form: the payer takes it there */
        :: d_step { !expired -> trade[a] = TRADE_OPEN; said = EVENT_SENT } /* a code: the provider has a trade now */
        :: d_step { !expired && !calm -> trade[a] = TRADE_OPEN; said = EVENT_NO_ANSWER }
        :: atomic { expired -> goto down } /* too late for the provider, who refuses */
        :: d_step { !calm -> said = EVENT_NO_ANSWER }
        :: atomic { !calm -> goto down }
        fi;
read:   READ_STEP(STARTER, a);
        atomic {
            apply(STARTER, a);
            if
            :: result == RACED -> THEN(read)
            :: result == STORED && said == EVENT_SENT && PAYABLE(after) -> given[a] = 1
            :: else
            fi;
down:       a = 0;
           d_step { said = 0; result = 0; after = 0 }
        }
    od
}

/* ---- callback.c ------------------------------------------------------------------------------------------------------------- */

inline notice(which)
{
    if
    :: d_step { !silent[which] && MONEY(which) -> a = which; hear(which) }
#ifndef CALLBACK_ASKS /* a provider whose notices make us ask sends them about money only */
    :: d_step { !silent[which] && trade[which] == TRADE_CLOSED -> a = which; said = EVENT_CLOSED }
#endif
#ifdef MISMATCHES
    :: d_step { !calm && state[which] != STATE_NONE -> a = which; said = MISMATCH_SAYS } /* genuine, of another amount */
#endif
    fi
}

/* Not what is news meanwhile: a trade that closed was paid after all. */
#define ACKNOWLEDGED (said != EVENT_MISMATCH && !(said == EVENT_CLOSED && MONEY(a)))

active proctype callback()
{
    byte a, said;
    FLOW;
end:do
    :: if
       :: notice(0)
#if ATTEMPTS > 1
       :: notice(1)
#endif
#ifdef SILENCE
       :: d_step { !silent[0] && trade[0] != TRADE_NONE -> silent[0] = 1 } goto end /* none of its notices arrives */
#endif
       fi;
#ifdef CALLBACK_ASKS
       said = (said == EVENT_MISMATCH -> EVENT_MISMATCH : EVENT_NOTICED);
#endif
       ACKNOWLEDGE_FIRST;
read:  READ_STEP(CALLBACK, a);
       atomic {
           apply(CALLBACK, a);
           if
           :: result == RACED -> THEN(read)
           :: result == FAILED -> goto down /* no acknowledgement: it comes again */
#ifdef CALLBACK_ASKS
           :: result == STORED && said == EVENT_NOTICED -> asking[a] = !SETTLED(after)
#endif
           :: result == STORED && after == STATE_CLOSED && said != EVENT_NOTICED -> THEN(shut)
           :: result == STORED && after != STATE_CLOSED && said != EVENT_NOTICED
           fi;
acknowledge:
           if
           :: ACKNOWLEDGED -> silent[a] = 1
           :: !ACKNOWLEDGED
           :: !calm /* killed before, or it does not arrive */
           fi;
           goto down;
       }
shut:  atomic {
           if
           :: settle(); goto acknowledge
           :: !calm
           fi;
down:      a = 0;
          d_step { said = 0; result = 0; after = 0 }
       }
    od
}

/* ---- poll.c and ask.c: what the schedule and refresh do -------------------------------------------------------------------------- */

inline ask(which)
{
    if
    :: d_step { a = which; hear(which); claim(POLLER, which) }
    :: d_step { !calm -> a = which; said = SILENT_ANSWER; claim(POLLER, which) }
    RETURN_PAGE(which)
    fi
}

active proctype poller()
{
    byte a, said;
    FLOW;
end:do
    :: if
       :: POLLED(0) -> ask(0)
       OVERDUE(0)
#if ATTEMPTS > 1
       :: POLLED(1) -> ask(1)
       OVERDUE(1)
#endif
       fi;
read:  READ_STEP(POLLER, a);
       atomic {
           apply(POLLER, a);
           if
           :: result == RACED -> THEN(read)
           :: result == STORED && after == STATE_CLOSED -> THEN(shut)
           :: result == STORED && after != STATE_CLOSED -> THEN(free)
           :: else -> goto down
           fi
       }
shut:  atomic {
           if
           :: settle()
           :: !calm
           fi
       }
free:  atomic {
           release(POLLER, a);
down:      a = 0;
          d_step { said = 0; result = 0; after = 0 }
       }
    od
}

#ifdef CALLBACK_ASKS
active proctype asker()
{
    byte a, said;
    FLOW;
end:do
    :: if
       :: d_step { asking[0] -> hear(0); a = 0; claim(ASKER, 0) }
       :: d_step { asking[0] && !calm -> asking[0] = 0 } goto end /* killed, or the provider does not answer */
       fi;
       asking[0] = 0;
read:  READ_STEP(ASKER, a);
       atomic {
           apply(ASKER, a);
           if
           :: result == RACED -> THEN(read)
           :: result == STORED -> THEN(free)
           :: result == FAILED -> goto down
           fi
       }
free:  atomic {
           release(ASKER, a);
down:      a = 0;
          d_step { said = 0; result = 0; after = 0 }
       }
    od
}
#endif

/* ---- close.c, as expiry and the portal call it -------------------------------------------------------------------------------- */

#define QUERY_BEFORE 0
#define ASK_CLOSING  1
#define CLOSE        2
#define QUERY_AFTER  3
#define STEPS        4

/* The provider's close: of an open trade, or of one that cannot be, with what it answers. Not every provider has one. */
inline close_trade()
{
    if
    :: trade[a] == TRADE_OPEN -> trade[a] = TRADE_CLOSED; said = EVENT_CLOSED
    :: trade[a] == TRADE_NONE || trade[a] == TRADE_CLOSED -> hear(a)
    :: said = EVENT_NONE
    :: !calm && trade[a] == TRADE_OPEN -> trade[a] = TRADE_CLOSED; said = SILENT_ANSWER
    :: !calm -> said = SILENT_ANSWER
    fi
    CLOSED_BY_ASSUMPTION
}

/* The next step, or the next attempt; `after` is the state of attempt a as far as this flow knows. */
inline go_on()
{
    do
    :: after != STATE_NONE && !FINAL(after) && step < STEPS ->
        if
        :: step == QUERY_BEFORE && after == STATE_CREATED -> step = ASK_CLOSING /* nothing left this house */
        :: else
        fi;
        break
    :: else ->
        if
        :: a == LAST -> step = STEPS; break
        :: else -> a = LAST; step = QUERY_BEFORE; after = state[a]
        fi
    od
}

#ifndef WITHOUT_CLOSER
active proctype closer()
{
    byte a, said, step;
    FLOW;
end:do
    :: atomic {
            d_step {
                payment == OPEN && state[0] != STATE_NONE && (!expired || !close_asked || ALL_CLOSED) ->
                close_asked = 1;
                after = state[0];
                go_on();
                after = 0
            }
            if
            :: step == STEPS -> goto shut
            :: step == ASK_CLOSING -> said = EVENT_CLOSE_ASKED; goto read
            :: else
            fi
        }
work:   if
        :: atomic {
                step == QUERY_BEFORE || step == QUERY_AFTER ->
                claim(CLOSER, a);
                if
                :: hear(a)
                :: !calm -> said = SILENT_ANSWER
                fi
            }
        :: atomic {
                step == CLOSE ->
                hear_anew(a);
                close_trade();
                if
                :: said == EVENT_NONE -> step = QUERY_AFTER; goto work
                :: else
                fi
            }
        :: atomic { !calm -> goto down }
        fi;
read:   READ_STEP(CLOSER, a);
        atomic {
            apply(CLOSER, a);
            if
            :: result == RACED -> THEN(read)
            :: result == FAILED -> after = STATE_CLOSING /* the closer goes on with what it knew, which was not final */
            :: result == STORED -> release(CLOSER, a)
            fi;
            d_step { step++; said = 0; go_on(); result = 0; after = 0 }
            if
            :: step == STEPS -> goto shut
            :: step == ASK_CLOSING -> said = EVENT_CLOSE_ASKED; goto read
            :: else -> goto work
            fi
        }
shut:   atomic {
            if
            :: settle()
            :: !calm
            fi;
down:       a = 0; said = 0; step = 0
        }
    od
}
#endif

ltl never_lost { [] ((calm && MONEY(0)) -> <> SETTLED(state[0])) }
ltl never_stuck { [] ((calm && expired && state[0] != STATE_NONE) -> <> (payment != OPEN)) }
ltl never_silent { [] ((success[0] -> <> TOLD(0)) && (payment == CLOSED -> told_closed)) }

/* What must be possible, or the claims above say nothing: each of these is expected to fail. */
ltl not_paid { [] (state[0] != STATE_PAID) }
ltl not_late { [] (state[0] != STATE_LATE_PAID) }
ltl not_twice { [] !(told_paid[0] && told_duplicate[LAST]) }
ltl not_closed { [] (payment != CLOSED) }
ltl not_found_by_asking { [] !(silent[0] && !heard_paid[0] && state[0] == STATE_PAID) }
