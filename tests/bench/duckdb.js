// SPDX-License-Identifier: Apache-2.0
// duckdb.js DIR LIST every|asked: the list of differences of a made day (ledger.h) by DuckDB, from the same files as the product. "every"
// takes each column of them in, as text, as the product does; "asked" leaves DuckDB to read only the columns that the list needs, which
// is a quarter of them. Prints "WALL CPU" in microseconds, from the opening of a database in memory to its closing.
"use strict";
const { DuckDBInstance } = require("@duckdb/node-api");

const [dir, list, columnsRead] = process.argv.slice(2);
const path = (name) => `'${dir.replace(/'/g, "''")}/${name}'`;
const bill = "paid, application, merchant, sub_merchant, device, trade_no, order_no, payer, method, state, bank, currency, settled, "
    + "coupon, refund_id, refund_no, refunded, coupon_refunded, route, refund_state, subject, attachment, fee, rate, amount, asked, "
    + "remark";
const columns = bill.split(", ").map((name) => `'${name}': 'VARCHAR'`).join(", ");

// The two lines of the bill's sums have fewer columns.
const file = {
    bill: `read_csv(${path("bill.csv")}, columns = {${columns}}, auto_detect = false, header = true, delim = ',', quote = '', escape = '',
                    null_padding = true)`,
    books: `read_csv(${path("books.csv")}, all_varchar = true, header = true)`,
    orders: `read_csv(${path("orders.csv")}, all_varchar = true, header = true)`,
    payments: `read_csv(${path("payments.csv")}, all_varchar = true, header = true)`,
};
const how = { every: "TABLE", asked: "VIEW" }[columnsRead];
const sources = Object.entries(file).map(([name, rows]) => `CREATE ${how} ${name} AS SELECT * FROM ${rows}`);

// A value of the bill has a backtick before it.
const statement = `
COPY (
    WITH raw AS (
        SELECT * FROM bill WHERE amount IS NOT NULL
    ), line AS (
        SELECT substr(order_no, 2) AS number, substr(trade_no, 2) AS trade_no, CAST(CAST(substr(amount, 2) AS DECIMAL(18, 2)) * 100 AS BIGINT) AS fen,
               row_number() OVER (PARTITION BY order_no, trade_no, paid, state, amount, fee ORDER BY order_no) AS again
          FROM raw
    ), book AS (
        SELECT attempt_no AS number, owner, order_no, state, CAST(amount_fen AS BIGINT) AS fen
          FROM books
    ), portal AS (
        SELECT owner, order_no, stage FROM orders
    ), twice AS (
        SELECT owner, order_no FROM payments
         GROUP BY owner, order_no HAVING count(*) > 1
    ), joined AS (
        SELECT coalesce(line.number, book.number) AS number, line.number IS NOT NULL AS billed, book.number IS NOT NULL AS booked,
               book.state, line.fen AS line_fen, book.fen AS book_fen, portal.stage, twice.order_no IS NOT NULL AS twice
          FROM (SELECT * FROM line WHERE again = 1) line
          FULL OUTER JOIN book ON book.number = line.number
          LEFT JOIN portal ON portal.owner = book.owner AND portal.order_no = book.order_no
          LEFT JOIN twice ON twice.owner = book.owner AND twice.order_no = book.order_no
    ), told AS (
        SELECT number, 'DUP_BILL_LINE' AS class, fen AS delta FROM line WHERE again > 1
        UNION ALL
        SELECT number,
               CASE WHEN NOT booked THEN 'LONG_UNKNOWN'
                    WHEN NOT billed THEN CASE WHEN state = 'paid' THEN 'SHORT_PAY' END
                    WHEN state <> 'paid' THEN 'ST_LATE_SUCCESS'
                    WHEN line_fen > book_fen THEN 'AMT_BILL_MORE'
                    WHEN line_fen < book_fen THEN 'AMT_BILL_LESS'
                    WHEN stage IS NULL THEN 'ORD_MISSING'
                    WHEN stage = 'unpaid' THEN 'ORD_NOT_ADVANCED'
                    WHEN twice THEN 'DUP_PAY_SAME' END,
               CASE WHEN NOT booked OR state <> 'paid' THEN line_fen
                    WHEN NOT billed THEN -book_fen
                    ELSE line_fen - book_fen END
          FROM joined
    )
    SELECT number, class, delta FROM told WHERE class IS NOT NULL
) TO ${path(list)} (HEADER false)`;

async function main() {
    const began = process.hrtime.bigint();
    const cpu = process.cpuUsage();
    const instance = await DuckDBInstance.create(":memory:");
    const connection = await instance.connect();
    for (const source of sources) {
        await connection.run(source);
    }
    await connection.run(statement);
    connection.closeSync();
    instance.closeSync();
    const used = process.cpuUsage(cpu);
    const wall = (process.hrtime.bigint() - began) / 1000n;
    process.stdout.write(`${wall} ${used.user + used.system}\n`);
}

main().catch((why) => {
    process.stderr.write(`duckdb.js: ${why.message}\n`);
    process.exitCode = 1;
});
