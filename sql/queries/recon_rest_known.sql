-- SPDX-License-Identifier: Apache-2.0
-- Lets the planner know how many they are. No rows.
ANALYZE recon_rest
