-- SPDX-License-Identifier: Apache-2.0
-- Takes queries out of an account's bucket, which fills evenly. $1 account, $2 microseconds in which one flows in, $3 how many the
-- bucket holds for this asker, $4 most that are wanted. One row: how many were granted and, when none was, the microseconds until
-- one is free. The database's own clock: it is the one that all nodes share.
INSERT INTO query_budget AS b (account, full_at, granted)
VALUES ($1::text, statement_timestamp() + least($4::bigint, $3::bigint) * $2::bigint * interval '1 microsecond',
        least($4::bigint, $3::bigint))
ON CONFLICT (account) DO UPDATE
   SET (full_at, granted) = (
       SELECT greatest(b.full_at, statement_timestamp()) + n * $2 * interval '1 microsecond', n
         FROM (SELECT greatest(0, least($4, ($3 * $2 - out_us) / $2)) AS n
                 FROM (SELECT greatest(0, (extract(epoch FROM b.full_at - statement_timestamp()) * 1000000)::bigint)) AS o (out_us)
              ) AS g)
RETURNING b.granted,
          greatest(0, (extract(epoch FROM b.full_at - statement_timestamp()) * 1000000)::bigint - ($3 - 1) * $2) AS wait_us
