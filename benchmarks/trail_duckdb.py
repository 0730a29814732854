"""One key's calls by DuckDB, told of the fields that matter; runs where unleak is not installed.

trail_duckdb.py FOLDER KEY_ID
"""

import sys

import duckdb

COLUMNS = "{Records: 'STRUCT(eventName VARCHAR, userIdentity STRUCT(accessKeyId VARCHAR))[]'}"
QUERY = f"""
SELECT count(*) FROM (
  SELECT unnest(Records) AS each
  FROM read_json(?, columns={COLUMNS}, maximum_object_size={64 * 1024**2})
) WHERE each.userIdentity.accessKeyId = ?
"""  # noqa: S608 - all of it is written here

row = duckdb.sql(QUERY, params=[f"{sys.argv[1]}/*.json.gz", sys.argv[2]]).fetchone()
sys.stdout.write(f"{row[0] if row else 0}\n")
