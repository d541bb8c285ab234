-- SPDX-License-Identifier: Apache-2.0
-- Where the histories of differences end, by number. $1 behind this number, $2 most rows. Any number of rows up to $2.
SELECT difference_no, version, encode(chain, 'hex') AS hash
  FROM difference
 WHERE difference_no > $1::text COLLATE "C"
 ORDER BY difference_no COLLATE "C"
 LIMIT $2::integer
