-- SPDX-License-Identifier: Apache-2.0
-- Streams what stands on the lines of a run, in pieces.
COPY bill_text (run_id, first_no, line_count, lines) FROM STDIN (FORMAT binary)
