/* SPDX-License-Identifier: Apache-2.0 */
/* Refunds of one payment, at a provider that pays out whatever it is asked for under a new number. Two refunds contend for the
 * money (REFUNDS=2), or two senders for one refund.
 *
 * As in payment.pml, each proctype is one flow, cut at its statements and calls, and until the faults stop (`calm`) it may be
 * killed at every step, a statement may fail or lose its reply, a call may arrive late or never, its answer may get lost. */

/* Numbers for the words of refund_edges.def; nothing depends on which. */
#define STATE_NONE      0
#define STATE_STATE_NONE STATE_NONE /* as the table calls it */
#define STATE_PROPOSED  1
#define STATE_REQUESTED 2
#define STATE_APPROVED  3
#define STATE_REJECTED  4
#define STATE_SENT      5
#define STATE_UNKNOWN   6
#define STATE_ACCEPTED  7
#define STATE_ABNORMAL  8
#define STATE_SUCCEEDED 9
#define STATE_FAILED    10
#define STATE_WITHDRAWN 11
#define EVENT_NONE      0
#define EVENT_PROPOSE   1
#define EVENT_CONFIRM   2
#define EVENT_REQUEST   3
#define EVENT_APPROVE   4
#define EVENT_REJECT    5
#define EVENT_SEND      6
#define EVENT_ACCEPT    7
#define EVENT_SUCCEED   8
#define EVENT_FAIL      9
#define EVENT_ABNORMAL  10
#define EVENT_NO_ANSWER 11
#define EVENT_MISMATCH  12
#define EVENT_WITHDRAW  13

#define TABLE "refund_edges.def"
#include "machine.pml"

#ifndef REFUNDS
#define REFUNDS 1
#endif
#define PAID 3 /* what came in; each refund wants 1 or 2 of it */

/* What the provider did under a number. */
#define DONE_NONE     0
#define DONE_TAKEN    1 /* it will pay out */
#define DONE_PAID_OUT 2
#define DONE_REFUSED  3 /* for good */
#define DONE_ABNORMAL 4 /* the receiving account refused: somebody must look */

#define FINAL(s) ((s) == STATE_SUCCEEDED || (s) == STATE_FAILED || (s) == STATE_REJECTED || (s) == STATE_WITHDRAWN)
#define DUE(s)   ((s) == STATE_APPROVED || (s) == STATE_SENT || (s) == STATE_UNKNOWN || (s) == STATE_ACCEPTED || (s) == STATE_ABNORMAL)

#ifdef WITHOUT_CALM
#define calm false
#else
bit calm;
#endif

/* The provider. Refund n is known there by its own number; number n + REFUNDS is one that only a fault would use. */
#define NUMBERS (2 * REFUNDS)
byte done[NUMBERS];
bit flying[NUMBERS]; /* a call that we gave up and that still arrives */
byte paid_out;       /* in all */

/* The books. */
byte state[REFUNDS], amount[REFUNDS];
byte reserved, refunded;
byte requested_by[REFUNDS], approved_by[REFUNDS];
bit told_succeeded[REFUNDS], told_failed[REFUNDS], told_withdrawn[REFUNDS];
#define TOLD(n) (told_succeeded[n] || told_failed[n] || told_withdrawn[n])

#define SENDER 0
#define OTHER  1
#define FLOWS  2
byte fresh[FLOWS]; /* which refund (+ 1) a flow has read and nobody has changed since */
hidden byte each;  /* a hidden value lives within one d_step only: the search does not restore it */

#define STORED 1
#define FAILED 2
#define RACED  3
byte result; /* of the statement that is just done; zero between two steps */

#include "refund_faults.pml"

/* ---- refund_apply --------------------------------------------------------------------------------------------------------- */

inline tell(n)
{
    if
    :: state[n] == STATE_SUCCEEDED -> assert(!TOLD(n)); told_succeeded[n] = 1
    :: state[n] == STATE_FAILED -> assert(!TOLD(n)); told_failed[n] = 1
    :: state[n] == STATE_WITHDRAWN -> assert(!TOLD(n)); told_withdrawn[n] = 1
    :: else
    fi
}

/* The claims that one step can break. */
inline store(n)
{
    assert(!FINAL(state[n]) || edge_to == state[n]);                               /* never regresses */
    assert(edge_to != STATE_SUCCEEDED || done[n] == DONE_PAID_OUT);                /* never refunded without evidence */
    assert(edge_to != STATE_FAILED || done[n] == DONE_REFUSED);    /* never failed on a guess */
    if
    :: state[n] != edge_to ->
        state[n] = edge_to;
        if
        :: RELEASES(edge_to) -> reserved = reserved - amount[n]
        :: edge_to == STATE_SUCCEEDED -> refunded = refunded + amount[n]
        :: else
        fi;
        TELL(n)
    :: else
    fi;
    assert(refunded <= reserved && reserved <= PAID);                              /* refunds never exceed the payment */
    each = 0;
    do
    :: each < FLOWS -> if :: fresh[each] == n + 1 -> fresh[each] = 0 :: else fi; each++
    :: else -> break
    od
}

/* Leaves `result`. */
inline apply(me, n)
{
    if
    :: d_step {
            if
            :: fresh[me] == n + 1 ->
                look_up(state[n], said);
                if
                :: edge_effect == REFUSE -> result = FAILED
                :: else -> store(n); result = STORED
                fi
            :: else -> result = RACED
            fi;
            fresh[me] = 0
        }
        if
        :: true
        :: !calm -> result = FAILED /* the reply got lost */
        fi
    :: d_step { !calm -> result = FAILED; fresh[me] = 0 } /* nothing is stored */
    fi
}

TELLER

/* ---- the provider --------------------------------------------------------------------------------------------------------- */

#define REFUND_OF(number) ((number) % REFUNDS)

inline pay_out(number)
{
    assert(state[REFUND_OF(number)] != STATE_FAILED && state[REFUND_OF(number)] != STATE_REJECTED);
    assert(state[REFUND_OF(number)] != STATE_WITHDRAWN);                        /* taken back means: nothing moves */
    assert(requested_by[REFUND_OF(number)] != approved_by[REFUND_OF(number)]); /* two people */
    assert(approved_by[REFUND_OF(number)] != 0);
    done[number] = DONE_PAID_OUT;
    paid_out = paid_out + amount[REFUND_OF(number)];
    assert(paid_out <= PAID);                                                   /* refunds never exceed the payment */
    assert(done[REFUND_OF(number)] != DONE_PAID_OUT || done[REFUND_OF(number) + REFUNDS] != DONE_PAID_OUT) /* nor are doubled */
}

/* The same number again is the same refund. */
inline take(number)
{
    d_step {
        if
        :: done[number] == DONE_NONE || done[number] == DONE_ABNORMAL -> done[number] = DONE_TAKEN
        :: else
        fi
    }
}

inline provider_of(n)
{
    if
    :: atomic { flying[n] -> flying[n] = 0; take(n) }
    :: d_step { done[n] == DONE_TAKEN -> pay_out(n) }
    :: d_step { done[n] == DONE_TAKEN -> done[n] = DONE_REFUSED }
    :: d_step { done[n] == DONE_TAKEN && !calm -> done[n] = DONE_ABNORMAL }
    :: d_step { done[n] == DONE_ABNORMAL -> pay_out(n) } /* by hand, at the provider */
    fi
}

active proctype provider()
{
end:do
    :: provider_of(0)
#if REFUNDS > 1 || defined(FAULT_NEW_NUMBER)
    :: provider_of(1)
#endif
#ifndef WITHOUT_CALM
    :: d_step { !calm -> calm = 1 }
#endif
    od
}

inline hear(number)
{
    d_step { if
    :: done[number] == DONE_NONE -> said = UNFOUND_SAYS
    :: done[number] == DONE_TAKEN -> said = TAKEN_SAYS
    :: done[number] == DONE_PAID_OUT -> said = EVENT_SUCCEED
    :: done[number] == DONE_REFUSED -> said = EVENT_FAIL
    :: done[number] == DONE_ABNORMAL -> said = EVENT_ABNORMAL
    fi }
}

/* ---- refund_create: the amount is set aside in the statement that makes the refund -------------------------------------------- */

#define POLICY 3 /* who asks for, and who approves, what comes back by policy: two names, neither a person's */
#define LIMIT  4

inline create(n)
{
    byte much, event;
    bit fits;
end:do
    :: state[n] == STATE_NONE ->
        if
        :: much = 1
        :: much = 2
        fi;
        if
        :: event = EVENT_REQUEST
        :: event = EVENT_PROPOSE
        :: event = EVENT_APPROVE
        fi;
        READ_RESERVED;
        d_step {
            if
            :: FITS ->
                amount[n] = much;
                reserved = reserved + much;
                requested_by[n] = (event == EVENT_REQUEST -> 1 : (event == EVENT_APPROVE -> POLICY : 0));
                approved_by[n] = (event == EVENT_APPROVE -> LIMIT : 0);
                look_up(STATE_NONE, event);
                state[n] = edge_to
            :: else
            fi;
            much = 0;
            event = 0;
            fits = 0
        }
    od
}

active proctype portal() { create(0) }

#if REFUNDS > 1
active proctype finance() { create(1) }
#endif

/* ---- the first person for what was proposed, the second person for all, and either for taking back ----------------------------------------------------------------------------------------- */

inline decide(n)
{
    if
    :: d_step {
            state[n] == STATE_REQUESTED ->
            look_up(state[n], EVENT_APPROVE);
            approved_by[n] = 2;
            state[n] = edge_to
        }
    :: d_step {
            state[n] == STATE_REQUESTED && MAY_APPROVE_OWN ->
            look_up(state[n], EVENT_APPROVE);
            approved_by[n] = 1;
            state[n] = edge_to
        }
    :: d_step {
            state[n] == STATE_REQUESTED || state[n] == STATE_PROPOSED ->
            look_up(state[n], EVENT_REJECT);
            reserved = reserved - amount[n];
            state[n] = edge_to
        }
    :: d_step {
            state[n] == STATE_PROPOSED ->
            look_up(state[n], EVENT_CONFIRM);
            requested_by[n] = 1;
            state[n] = edge_to
        }
    :: d_step { /* taken back, by either of the two; the table says until when */
            state[n] >= STATE_APPROVED && !FINAL(state[n]) ->
            look_up(state[n], EVENT_WITHDRAW);
            if
            :: edge_effect == REFUSE
            :: else -> store(n)
            fi
        }
    fi
}

active proctype checker()
{
end:do
    :: decide(0)
#if REFUNDS > 1
    :: decide(1)
#endif
    od
}

/* ---- the schedule sends and asks; two of them, since a lease can run out while its holder goes on ------------------------------ */

/* One call about a refund, under `number`; whether it pays out or only asks. */
inline send(number)
{
    if
    :: take(number); hear(number)
    :: !calm -> take(number); said = SILENT_ANSWER
    :: !calm -> flying[number] = 1; said = SILENT_ANSWER
    :: !calm -> said = SILENT_ANSWER
    fi
}

inline query(number)
{
    if
    :: hear(number)
    :: !calm -> said = SILENT_ANSWER
    fi
}

/* The sending is recorded before anything is sent. What was sent and of which nobody knows is asked about, and sent again under the
 * same number. */
#define SENDS(s) ((s) == STATE_APPROVED || (s) == STATE_UNKNOWN || (s) == STATE_ABNORMAL)
#define ASKS(s)  ((s) == STATE_SENT || (s) == STATE_UNKNOWN || (s) == STATE_ACCEPTED || (s) == STATE_ABNORMAL)

inline take_up(which)
{
    if
    :: d_step { SENDS(state[which]) -> n = which; said = EVENT_SEND }
    :: atomic { ASKS(state[which]) -> n = which; query(which) }
    :: atomic { state[which] == STATE_SENT -> n = which; send(NUMBER(which)) }
    fi
}

inline schedule(me)
{
    byte n, said;
end:do
    :: if
       :: take_up(0)
#if REFUNDS > 1
       :: take_up(1)
#endif
       fi;
       if
       :: said == EVENT_NONE && state[n] == STATE_SENT -> goto call /* the provider knows nothing of it: it is sent again */
       :: said == EVENT_NONE && SENDS(state[n]) -> said = EVENT_SEND
       :: said == EVENT_NONE && state[n] != STATE_SENT && !SENDS(state[n]) -> goto down
       :: else
       fi;
read:  fresh[me] = n + 1;
       atomic {
           apply(me, n);
           if
           :: result == RACED -> result = 0; goto read
           :: result == STORED && said == EVENT_SEND -> result = 0; goto call
           :: else -> goto down
           fi
       }
call:  atomic {
           if
           :: send(NUMBER(n))
           :: !calm -> goto down
           fi;
           if
           :: said == EVENT_NONE -> goto down
           :: else -> goto read
           fi
       }
down:  atomic { n = 0; d_step { said = 0; result = 0 } }
    od
}

active proctype sender() { schedule(SENDER) }

#if REFUNDS == 1
active proctype other_sender() { schedule(OTHER) }
#endif

ltl never_lost { [] ((calm && done[0] == DONE_PAID_OUT) -> <> (state[0] == STATE_SUCCEEDED)) }
ltl never_stuck { [] ((calm && DUE(state[0])) -> <> FINAL(state[0])) }
ltl never_silent { [] ((state[0] == STATE_SUCCEEDED || state[0] == STATE_FAILED || state[0] == STATE_WITHDRAWN) -> <> TOLD(0)) }

/* What must be possible, or the claims above say nothing: each of these is expected to fail. */
ltl not_succeeded { [] (state[0] != STATE_SUCCEEDED) }
ltl not_failed { [] (state[0] != STATE_FAILED) }
ltl not_withdrawn { [] (state[0] != STATE_WITHDRAWN) }
ltl not_sent_twice { [] !(flying[0] && done[0] == DONE_PAID_OUT) }
ltl not_both { [] !(refunded == PAID) }
