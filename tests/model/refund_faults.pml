/* SPDX-License-Identifier: Apache-2.0 */
/* What refund.pml says without a fault, and with the one that a test seeds. */

#ifdef FAULT_TIMEOUT_IS_FAILED /* silence is taken for a refusal */
#define SILENT_ANSWER EVENT_FAIL
#else
#define SILENT_ANSWER EVENT_NO_ANSWER
#endif

#ifdef FAULT_UNFOUND_IS_FAILED /* a number that the provider does not know yet is taken for refused */
#define UNFOUND_SAYS EVENT_FAIL
#else
#define UNFOUND_SAYS EVENT_NONE
#endif

#ifdef FAULT_TAKEN_IS_PAID_OUT /* "accepted" is taken for "paid out" */
#define TAKEN_SAYS EVENT_SUCCEED
#else
#define TAKEN_SAYS EVENT_ACCEPT
#endif

#ifdef FAULT_NEW_NUMBER /* what may have got lost is sent again under another number */
#define NUMBER(n) ((n) + REFUNDS * (flying[n] || done[n] != DONE_NONE))
#else
#define NUMBER(n) (n)
#endif

#ifdef FAULT_UNKNOWN_RELEASES /* money of which nobody knows may be given back once more */
#define RELEASES(s) ((s) == STATE_FAILED || (s) == STATE_WITHDRAWN || (s) == STATE_UNKNOWN)
#else
#define RELEASES(s) ((s) == STATE_FAILED || (s) == STATE_WITHDRAWN)
#endif

#ifdef FAULT_RESERVE_APART /* what is left is read by a statement of its own */
#define READ_RESERVED fits = (reserved + much <= PAID)
#define FITS          fits
#else
#define READ_RESERVED skip
#define FITS          reserved + much <= PAID
#endif

#ifdef FAULT_ONE_PERSON /* nobody compares the two names */
#define MAY_APPROVE_OWN true
#else
#define MAY_APPROVE_OWN (requested_by[n] != 1)
#endif

#ifdef FAULT_OUTBOX_APART /* the outbox has a transaction of its own, after which the process may be gone */
#define TELL(n) to_tell = n + 1
#define TELLER \
    byte to_tell; \
    active proctype teller() \
    { \
        end: do \
        :: d_step { to_tell > 0 -> tell(to_tell - 1); to_tell = 0 } \
        :: d_step { to_tell > 0 && !calm -> to_tell = 0 } \
        od \
    }
#else
#define TELL(n) tell(n)
#define TELLER
#endif
