-- SPDX-License-Identifier: Apache-2.0
-- Bills, runs and results of reconciliation. A run is written whole in one transaction, with its pointer: a crash leaves nothing.
-- Files, lines and results are added and read, never changed.

SET LOCAL search_path = tallygate;

CREATE TABLE bill_fetch (
    fetch_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account  text NOT NULL,
    kind     text NOT NULL,
    bill_day date NOT NULL,
    at       timestamptz NOT NULL,
    outcome  text NOT NULL CHECK (outcome IN ('stored', 'known', 'not_ready', 'none', 'link', 'transfer', 'refused')),
    sha256   text CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    bytes    bigint CHECK (bytes >= 0),
    detail   text NOT NULL,
    CHECK ((outcome IN ('stored', 'known')) = (sha256 IS NOT NULL))
);
CREATE INDEX bill_fetch_by_day ON bill_fetch (account, kind, bill_day, at);

CREATE TABLE bill_file (
    file_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account   text NOT NULL,
    kind      text NOT NULL,
    bill_day  date NOT NULL,
    sha256    text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    bytes     bigint NOT NULL CHECK (bytes > 0),
    origin    text NOT NULL CHECK (origin IN ('download', 'upload')),
    stored_at timestamptz NOT NULL,
    UNIQUE (account, kind, bill_day, sha256)
);

CREATE TABLE recon_run (
    run_id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account         text NOT NULL,
    provider        text NOT NULL,
    kind            text NOT NULL,
    bill_day        date NOT NULL,
    version         integer CHECK (version > 0),
    input_hash      bytea NOT NULL CHECK (length(input_hash) = 32),
    file_id         bigint NOT NULL REFERENCES bill_file (file_id),
    state           text NOT NULL CHECK (state IN ('complete', 'blocked')),
    codes           text[] NOT NULL,
    as_of           timestamptz NOT NULL,
    cutoff_east_min integer NOT NULL,
    program         text NOT NULL,
    trailer_count      bigint NOT NULL,
    trailer_fen        bigint NOT NULL,
    parsed_count       bigint NOT NULL,
    parsed_fen         bigint NOT NULL,
    in_scope_count     bigint NOT NULL,
    in_scope_fen       bigint NOT NULL,
    ineffective_count  bigint NOT NULL,
    ineffective_fen    bigint NOT NULL,
    out_of_scope_count bigint NOT NULL,
    out_of_scope_fen   bigint NOT NULL,
    matched_count      bigint NOT NULL,
    matched_fen        bigint NOT NULL,
    amount_bill_count  bigint NOT NULL,
    amount_bill_fen    bigint NOT NULL,
    amount_books_count bigint NOT NULL,
    amount_books_fen   bigint NOT NULL,
    bill_only_count    bigint NOT NULL,
    bill_only_fen      bigint NOT NULL,
    repeated_count     bigint NOT NULL,
    repeated_fen       bigint NOT NULL,
    population_count   bigint NOT NULL,
    population_fen     bigint NOT NULL,
    book_only_count    bigint NOT NULL,
    book_only_fen      bigint NOT NULL,
    in_transit_count   bigint NOT NULL,
    in_transit_fen     bigint NOT NULL,
    carried_in_count   bigint NOT NULL,
    carried_in_fen     bigint NOT NULL,
    delta_long_count   bigint NOT NULL,
    delta_long_fen     bigint NOT NULL,
    delta_short_count  bigint NOT NULL,
    delta_short_fen    bigint NOT NULL,
    pay_count          bigint NOT NULL,
    pay_fen            bigint NOT NULL,
    refund_count       bigint NOT NULL,
    refund_fen         bigint NOT NULL,
    fee_count          bigint NOT NULL,
    fee_fen            bigint NOT NULL,
    orders_paid_count  bigint NOT NULL,
    orders_paid_fen    bigint NOT NULL,
    invoiced_count     bigint NOT NULL,
    invoiced_fen       bigint NOT NULL,
    unexplained_fen    bigint NOT NULL,
    UNIQUE (account, kind, bill_day, version),
    UNIQUE (account, kind, bill_day, input_hash),
    CHECK ((state = 'blocked') = (cardinality(codes) > 0)),
    CHECK ((state = 'complete') = (version IS NOT NULL)),
    CONSTRAINT recon_run_explained CHECK (unexplained_fen = 0),
    CONSTRAINT recon_run_trailer CHECK (state = 'blocked' OR (trailer_count = parsed_count AND trailer_fen = parsed_fen)),
    CONSTRAINT recon_run_face CHECK (parsed_fen = in_scope_fen + ineffective_fen + out_of_scope_fen),
    CONSTRAINT recon_run_bill CHECK (in_scope_fen = matched_fen + amount_bill_fen + bill_only_fen + repeated_fen),
    CONSTRAINT recon_run_delta CHECK (in_scope_fen - population_fen = delta_long_fen + delta_short_fen),
    CHECK (delta_long_fen >= 0 AND delta_short_fen <= 0)
);

CREATE TABLE recon_current (
    account  text NOT NULL,
    kind     text NOT NULL,
    bill_day date NOT NULL,
    run_id   bigint NOT NULL REFERENCES recon_run (run_id),
    PRIMARY KEY (account, kind, bill_day)
);

CREATE TABLE bill_line (
    run_id            bigint NOT NULL REFERENCES recon_run (run_id),
    line_no           bigint NOT NULL CHECK (line_no > 0),
    kind              text NOT NULL CHECK (kind IN ('pay', 'refund')),
    provider_trade_no text NOT NULL,
    merchant_order_no text NOT NULL,
    refund_no         text NOT NULL,
    face_fen          bigint NOT NULL,
    effective_fen     bigint NOT NULL,
    fee_fen           bigint NOT NULL,
    at                timestamptz,
    raw               text NOT NULL,
    PRIMARY KEY (run_id, line_no)
);

CREATE TABLE recon_population (
    run_id            bigint NOT NULL REFERENCES recon_run (run_id),
    attempt_no        text NOT NULL,
    provider_trade_no text NOT NULL,
    owner             text NOT NULL,
    order_no          text NOT NULL,
    state             text NOT NULL,
    amount_fen        bigint NOT NULL,
    paid_at           timestamptz,
    counted           boolean NOT NULL,
    carried_in        boolean NOT NULL,
    PRIMARY KEY (run_id, attempt_no)
);

CREATE TABLE recon_result (
    run_id            bigint NOT NULL REFERENCES recon_run (run_id),
    seq               bigint NOT NULL CHECK (seq > 0),
    line_no           bigint,
    attempt_no        text,
    provider_trade_no text NOT NULL,
    merchant_order_no text NOT NULL,
    owner             text NOT NULL,
    order_no          text NOT NULL,
    order_kind        text NOT NULL,
    order_status      text NOT NULL,
    order_fen         bigint NOT NULL,
    title             text NOT NULL,
    invoice_id        text NOT NULL,
    invoiced_fen      bigint NOT NULL,
    primary_code      text NOT NULL CHECK (primary_code ~ '^[A-Z0-9_]+$'),
    findings          text[] NOT NULL,
    bucket            text NOT NULL CHECK (bucket IN ('nothing', 'matched', 'amount', 'long', 'short', 'transit', 'dup', 'scope')),
    face_fen          bigint NOT NULL,
    b_fen             bigint NOT NULL,
    p_fen             bigint NOT NULL,
    delta_fen         bigint NOT NULL,
    fee_fen           bigint NOT NULL,
    billed_at         timestamptz,
    paid_at           timestamptz,
    carry_out         boolean NOT NULL,
    PRIMARY KEY (run_id, seq),
    FOREIGN KEY (run_id, line_no) REFERENCES bill_line (run_id, line_no),
    FOREIGN KEY (run_id, attempt_no) REFERENCES recon_population (run_id, attempt_no),
    CONSTRAINT recon_result_delta CHECK (delta_fen = b_fen - p_fen),
    CONSTRAINT recon_result_matched CHECK (bucket NOT IN ('matched', 'nothing') OR delta_fen = 0),
    CONSTRAINT recon_result_line CHECK (line_no IS NOT NULL OR (face_fen = 0 AND b_fen = 0)),
    CONSTRAINT recon_result_member CHECK (attempt_no IS NOT NULL OR p_fen = 0),
    CHECK (NOT carry_out OR bucket = 'transit')
);
CREATE UNIQUE INDEX recon_result_one_line ON recon_result (run_id, line_no) WHERE line_no IS NOT NULL;
CREATE UNIQUE INDEX recon_result_one_member ON recon_result (run_id, attempt_no) WHERE attempt_no IS NOT NULL;

COMMENT ON TABLE bill_fetch IS 'every try to get a bill, also those that failed';
COMMENT ON COLUMN bill_fetch.fetch_id IS 'number of the try';
COMMENT ON COLUMN bill_fetch.account IS 'configured account';
COMMENT ON COLUMN bill_fetch.kind IS 'kind of bill';
COMMENT ON COLUMN bill_fetch.bill_day IS 'the bill''s day in the provider''s zone';
COMMENT ON COLUMN bill_fetch.at IS 'when it was tried';
COMMENT ON COLUMN bill_fetch.outcome IS 'stored, known (the same content was there), not_ready, none (the provider says there is no bill), link, transfer, refused';
COMMENT ON COLUMN bill_fetch.sha256 IS 'content that came; null when none did';
COMMENT ON COLUMN bill_fetch.bytes IS 'its size';
COMMENT ON COLUMN bill_fetch.detail IS 'what a person should know';

COMMENT ON TABLE bill_file IS 'a bill''s content for an account and a day; the bytes lie in the archive under their hash';
COMMENT ON COLUMN bill_file.file_id IS 'number of the file';
COMMENT ON COLUMN bill_file.account IS 'configured account';
COMMENT ON COLUMN bill_file.kind IS 'kind of bill';
COMMENT ON COLUMN bill_file.bill_day IS 'the bill''s day in the provider''s zone';
COMMENT ON COLUMN bill_file.sha256 IS 'hash of the bytes and their name in the archive';
COMMENT ON COLUMN bill_file.bytes IS 'size';
COMMENT ON COLUMN bill_file.origin IS 'download by us or upload by a person';
COMMENT ON COLUMN bill_file.stored_at IS 'when it came; the newest counts';

COMMENT ON TABLE recon_run IS 'one reconciliation of one account and day; versions count up, and the same inputs never make a second one';
COMMENT ON COLUMN recon_run.run_id IS 'number of the run';
COMMENT ON COLUMN recon_run.account IS 'configured account';
COMMENT ON COLUMN recon_run.provider IS 'which provider';
COMMENT ON COLUMN recon_run.kind IS 'kind of bill';
COMMENT ON COLUMN recon_run.bill_day IS 'the bill''s day in the provider''s zone';
COMMENT ON COLUMN recon_run.version IS '1 for the first complete run of the day; a blocked one publishes nothing and has none';
COMMENT ON COLUMN recon_run.input_hash IS 'SHA-256 over file, books, orders, invoices and what they came to';
COMMENT ON COLUMN recon_run.file_id IS 'the bill';
COMMENT ON COLUMN recon_run.state IS 'complete, or blocked when the bill cannot be believed';
COMMENT ON COLUMN recon_run.codes IS 'why the day is blocked';
COMMENT ON COLUMN recon_run.as_of IS 'what counted as now';
COMMENT ON COLUMN recon_run.cutoff_east_min IS 'zone of the day, minutes east of UTC';
COMMENT ON COLUMN recon_run.program IS 'version of the program';
COMMENT ON COLUMN recon_run.trailer_count IS 'A: what the bill''s own trailer says, how many';
COMMENT ON COLUMN recon_run.trailer_fen IS 'A: what the bill''s own trailer says, in fen';
COMMENT ON COLUMN recon_run.parsed_count IS 'B: face of every line, how many';
COMMENT ON COLUMN recon_run.parsed_fen IS 'B: face of every line, in fen';
COMMENT ON COLUMN recon_run.in_scope_count IS 'C: effective lines, how many';
COMMENT ON COLUMN recon_run.in_scope_fen IS 'C: effective lines, in fen';
COMMENT ON COLUMN recon_run.ineffective_count IS 'C'': lines without effect, how many';
COMMENT ON COLUMN recon_run.ineffective_fen IS 'C'': lines without effect, in fen';
COMMENT ON COLUMN recon_run.out_of_scope_count IS 'D: lines outside the scope, how many';
COMMENT ON COLUMN recon_run.out_of_scope_fen IS 'D: lines outside the scope, in fen';
COMMENT ON COLUMN recon_run.matched_count IS 'E: matched, how many';
COMMENT ON COLUMN recon_run.matched_fen IS 'E: matched, in fen';
COMMENT ON COLUMN recon_run.amount_bill_count IS 'F: the bill''s part of amount differences, how many';
COMMENT ON COLUMN recon_run.amount_bill_fen IS 'F: the bill''s part of amount differences, in fen';
COMMENT ON COLUMN recon_run.amount_books_count IS 'F'': our part of amount differences, how many';
COMMENT ON COLUMN recon_run.amount_books_fen IS 'F'': our part of amount differences, in fen';
COMMENT ON COLUMN recon_run.bill_only_count IS 'G: on the bill only, how many';
COMMENT ON COLUMN recon_run.bill_only_fen IS 'G: on the bill only, in fen';
COMMENT ON COLUMN recon_run.repeated_count IS 'H: duplicates, how many';
COMMENT ON COLUMN recon_run.repeated_fen IS 'H: duplicates, in fen';
COMMENT ON COLUMN recon_run.population_count IS 'J: our books, how many';
COMMENT ON COLUMN recon_run.population_fen IS 'J: our books, in fen';
COMMENT ON COLUMN recon_run.book_only_count IS 'K: in our books only, how many';
COMMENT ON COLUMN recon_run.book_only_fen IS 'K: in our books only, in fen';
COMMENT ON COLUMN recon_run.in_transit_count IS 'L: carried out, how many';
COMMENT ON COLUMN recon_run.in_transit_fen IS 'L: carried out, in fen';
COMMENT ON COLUMN recon_run.carried_in_count IS 'M: carried in and now matched, how many';
COMMENT ON COLUMN recon_run.carried_in_fen IS 'M: carried in and now matched, in fen';
COMMENT ON COLUMN recon_run.delta_long_count IS 'differences above zero, how many';
COMMENT ON COLUMN recon_run.delta_long_fen IS 'differences above zero, in fen';
COMMENT ON COLUMN recon_run.delta_short_count IS 'differences below zero, how many';
COMMENT ON COLUMN recon_run.delta_short_fen IS 'differences below zero, in fen';
COMMENT ON COLUMN recon_run.pay_count IS 'N: payments on the bill, how many';
COMMENT ON COLUMN recon_run.pay_fen IS 'N: payments on the bill, in fen';
COMMENT ON COLUMN recon_run.refund_count IS 'N: refunds on the bill, how many';
COMMENT ON COLUMN recon_run.refund_fen IS 'N: refunds on the bill, in fen';
COMMENT ON COLUMN recon_run.fee_count IS 'N: fees on the bill, how many';
COMMENT ON COLUMN recon_run.fee_fen IS 'N: fees on the bill, in fen';
COMMENT ON COLUMN recon_run.orders_paid_count IS 'P: orders with money of this day, how many';
COMMENT ON COLUMN recon_run.orders_paid_fen IS 'P: orders with money of this day, in fen';
COMMENT ON COLUMN recon_run.invoiced_count IS 'Q: their valid invoices, how many';
COMMENT ON COLUMN recon_run.invoiced_fen IS 'Q: their valid invoices, in fen';
COMMENT ON COLUMN recon_run.unexplained_fen IS 'always 0';

COMMENT ON TABLE recon_current IS 'which run of a day counts; the only row that changes';
COMMENT ON COLUMN recon_current.account IS 'configured account';
COMMENT ON COLUMN recon_current.kind IS 'kind of bill';
COMMENT ON COLUMN recon_current.bill_day IS 'day';
COMMENT ON COLUMN recon_current.run_id IS 'the run';

COMMENT ON TABLE bill_line IS 'lines of money of the bill as this run read them';
COMMENT ON COLUMN bill_line.run_id IS 'the run';
COMMENT ON COLUMN bill_line.line_no IS 'line in the file';
COMMENT ON COLUMN bill_line.kind IS 'pay or refund';
COMMENT ON COLUMN bill_line.provider_trade_no IS 'the provider''s number';
COMMENT ON COLUMN bill_line.merchant_order_no IS 'our attempt number as the bill says it';
COMMENT ON COLUMN bill_line.refund_no IS 'number of the refund';
COMMENT ON COLUMN bill_line.face_fen IS 'what the trailer adds up';
COMMENT ON COLUMN bill_line.effective_fen IS 'what it means in money';
COMMENT ON COLUMN bill_line.fee_fen IS 'fee, negative when taken';
COMMENT ON COLUMN bill_line.at IS 'time on the line';
COMMENT ON COLUMN bill_line.raw IS 'the line itself';

COMMENT ON TABLE recon_population IS 'our attempts as they stood in the snapshot of the run';
COMMENT ON COLUMN recon_population.run_id IS 'the run';
COMMENT ON COLUMN recon_population.attempt_no IS 'our number';
COMMENT ON COLUMN recon_population.provider_trade_no IS 'the provider''s number, empty when none is known';
COMMENT ON COLUMN recon_population.owner IS 'client of the order';
COMMENT ON COLUMN recon_population.order_no IS 'order';
COMMENT ON COLUMN recon_population.state IS 'state then';
COMMENT ON COLUMN recon_population.amount_fen IS 'amount in fen';
COMMENT ON COLUMN recon_population.paid_at IS 'provider time of payment';
COMMENT ON COLUMN recon_population.counted IS 'must be on this bill or was carried in';
COMMENT ON COLUMN recon_population.carried_in IS 'in transit the day before';

COMMENT ON TABLE recon_result IS 'exactly one row for every line and every counted attempt, and for orders and invoices without money';
COMMENT ON COLUMN recon_result.run_id IS 'the run';
COMMENT ON COLUMN recon_result.seq IS 'place in the run';
COMMENT ON COLUMN recon_result.line_no IS 'line of the bill';
COMMENT ON COLUMN recon_result.attempt_no IS 'attempt';
COMMENT ON COLUMN recon_result.provider_trade_no IS 'the provider''s number';
COMMENT ON COLUMN recon_result.merchant_order_no IS 'our number as the bill says it';
COMMENT ON COLUMN recon_result.owner IS 'client of the order';
COMMENT ON COLUMN recon_result.order_no IS 'order';
COMMENT ON COLUMN recon_result.order_kind IS 'kind of the order';
COMMENT ON COLUMN recon_result.order_status IS 'status at the portal then';
COMMENT ON COLUMN recon_result.order_fen IS 'payable';
COMMENT ON COLUMN recon_result.title IS 'invoice title asked for';
COMMENT ON COLUMN recon_result.invoice_id IS 'invoice of a result that is about one';
COMMENT ON COLUMN recon_result.invoiced_fen IS 'valid invoices of the order, blue less red';
COMMENT ON COLUMN recon_result.primary_code IS 'class that decides the bucket';
COMMENT ON COLUMN recon_result.findings IS 'what stands beside it';
COMMENT ON COLUMN recon_result.bucket IS 'place on the sheet';
COMMENT ON COLUMN recon_result.face_fen IS 'face amount of the line';
COMMENT ON COLUMN recon_result.b_fen IS 'money by the bill';
COMMENT ON COLUMN recon_result.p_fen IS 'money by our books';
COMMENT ON COLUMN recon_result.delta_fen IS 'b - p';
COMMENT ON COLUMN recon_result.fee_fen IS 'fee of the line';
COMMENT ON COLUMN recon_result.billed_at IS 'time on the bill';
COMMENT ON COLUMN recon_result.paid_at IS 'time in our books';
COMMENT ON COLUMN recon_result.carry_out IS 'in transit: the next day''s run takes it in';

DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'tallygate_recon') THEN
        GRANT SELECT ON ALL TABLES IN SCHEMA tallygate TO tallygate_app, tallygate_recon, tallygate_audit;
        GRANT INSERT ON bill_fetch, bill_file, bill_line, recon_run, recon_current, recon_population, recon_result
            TO tallygate_recon;
        GRANT UPDATE (run_id) ON recon_current TO tallygate_recon;
    END IF;
END
$$;
