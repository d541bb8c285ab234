-- SPDX-License-Identifier: Apache-2.0
-- What is heard of a day after it was signed is found without reading the day again.
SET LOCAL search_path = tallygate;

DROP INDEX attempt_bill_day;
CREATE INDEX attempt_bill_day ON attempt (account, bill_day, last_answer_at) WHERE bill_day IS NOT NULL;
DROP INDEX refund_by_bill_day;
CREATE INDEX refund_by_bill_day ON refund (bill_day, last_answer_at) WHERE bill_day IS NOT NULL;
