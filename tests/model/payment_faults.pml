/* SPDX-License-Identifier: Apache-2.0 */
/* What payment.pml says without a fault, and with the one that a test seeds. */

#ifdef FAULT_UNKNOWN_IS_FAILED /* silence ends the schedule */
#define UNKNOWN_POLLED(s) false
#else
#define UNKNOWN_POLLED(s) ((s) == STATE_UNKNOWN)
#endif

#ifdef FAULT_TIMEOUT_IS_CLOSED /* silence is taken for the provider's word */
#define SILENT_ANSWER EVENT_CLOSED
#else
#define SILENT_ANSWER EVENT_NO_ANSWER
#endif

#ifdef FAULT_CLOSE_WITHOUT_QUERY /* whatever came of the close, the attempt is closed */
#define CLOSED_BY_ASSUMPTION ; said = EVENT_CLOSED
#else
#define CLOSED_BY_ASSUMPTION
#endif

#ifdef FAULT_CREATED_IS_LEFT /* the schedule never ends an attempt that was not sent */
#define OVERDUE(which)
#else
#define OVERDUE(which) :: d_step { state[which] == STATE_CREATED && expired -> a = which; said = EVENT_CLOSE_ASKED }
#endif

#ifdef FAULT_REFUNDED_IS_CLOSED /* a trade given back whole reads as closed */
#define REFUNDED_SAYS EVENT_CLOSED
#else
#define REFUNDED_SAYS EVENT_PAID
#endif

#ifdef FAULT_ACK_FIRST /* the callback is acknowledged before it is stored */
#define ACKNOWLEDGE_FIRST if :: said != EVENT_MISMATCH -> silent[a] = 1 :: else fi
#else
#define ACKNOWLEDGE_FIRST
#endif

#ifdef FAULT_MISMATCH_COUNTS /* another amount is taken for the amount */
#define MISMATCH_SAYS EVENT_PAID
#else
#define MISMATCH_SAYS EVENT_MISMATCH
#endif

#ifdef FAULT_RETURN_IS_PAID /* the payer's browser comes back: so it is paid */
#define RETURN_PAGE(which) :: d_step { given[which] -> a = which; said = EVENT_PAID }
#else
#define RETURN_PAGE(which)
#endif

#ifdef FAULT_OUTBOX_APART /* the outbox has a transaction of its own, after which the process may be gone */
#define TELL(a) to_tell = a + 1
#define TELLER \
    byte to_tell; \
    active proctype teller() \
    { \
        end: do \
        :: d_step { to_tell > 0 -> again = (SUCCESSES > 1); tell(to_tell - 1); to_tell = 0 } \
        :: d_step { to_tell > 0 && !calm -> to_tell = 0 } \
        od \
    }
#else
#define TELL(a) tell(a)
#define TELLER
#endif

#ifdef FAULT_COUNT_EACH /* every statement that it was paid is a success of its own */
#define NEWLY_PAID(a) SETTLED(edge_to)
#else
#define NEWLY_PAID(a) (SETTLED(edge_to) && !SETTLED(state[a]))
#endif

/* What a statement reads stands when it writes, or it writes nothing. */
#ifdef SNAPSHOTS
#define FORGET_READ(me) fresh[me] = 0
#else
#define FORGET_READ(me)
#endif
#if defined(FAULT_NO_GUARD) /* the new state is computed from the one that was read, whatever it is now */
#define FLOW            byte was
#define READ_STEP(me, a) was = state[a]
#define FRESH(me, a)    true
#define READ(a)         was
#elif defined(FAULT_COUNT_APART) /* successes are counted by a statement of its own */
#define FLOW            byte counted
#define READ_STEP(me, a) counted = SUCCESSES
#define FRESH(me, a)    true
#define READ(a)         state[a]
#elif defined(SNAPSHOTS)
#define FLOW            skip
#define READ_STEP(me, a) fresh[me] = a + 1
#define FRESH(me, a)    (fresh[me] == a + 1)
#define READ(a)         state[a]
#else
#define FLOW            skip
#define READ_STEP(me, a) 
#define FRESH(me, a)    true
#define READ(a)         state[a]
#endif

#ifdef FAULT_NOTICE_ASKED_ONCE /* a closed attempt leaves the schedule, whatever was heard about it */
#define NOTICE_POLLED(a) false
#elif defined(CALLBACK_ASKS)
#define NOTICE_POLLED(a) (state[a] == STATE_CLOSED && heard[a])
#else
#define NOTICE_POLLED(a) false
#endif

#ifdef FAULT_ANY_ANSWER_SETTLES /* also one to a question from before the notice */
#define ANSWERS(me, a) heard[a]
#else
#define ANSWERS(me, a) (heard[a] == ASKED_BY(me))
#endif

#define KNOWN(me, a) (me == CALLBACK && (((said == EVENT_PAID || said == EVENT_NOTICED) && heard_paid[a]) || (said == EVENT_CLOSED && heard_closed[a])))
