"""Statements that mean the same in DuckDB as in credsql, for an archive of accounts 100000000000 to
100000000039 and days from January to April 2025.

Where the two would read one text in two ways, statements say which is meant: where NULL comes in an
order, that a sum is a BIGINT, and with brackets where `IS DISTINCT FROM` ends.
"""

TABLES = ["credential_report_history", "credential_report"]

# Conditions. Some tell which reports are not needed, before any is read.
FILTERS = """
true
account_id = '100000000007'
account_id <> '100000000007'
NOT account_id = '100000000039'
account_id IN ('100000000000', '100000000039', 'nobody')
account_id NOT IN ('100000000001', NULL)
account_id LIKE '10000000001%'
account_id > '100000000030'
account_id IS NULL
(account_id IS DISTINCT FROM '100000000007') AND is_root
generated_time >= '2025-03-01T00:00:00Z'
generated_time = '2025-03-05T00:00:00Z'
generated_time BETWEEN '2025-02-01T00:00:00Z' AND '2025-03-01T00:00:00Z'
date_trunc('month', generated_time) = '2025-03-01T00:00:00Z'
generated_time > user_creation_time
source LIKE '%date=2025-03%'
source NOT LIKE '%/info/%'
account_id = '100000000007' OR mfa_active
account_id = '100000000007' AND NOT mfa_active
account_id < '100000000003' AND generated_time < '2025-02-01T00:00:00Z' OR is_root
CASE WHEN account_id < '100000000020' THEN generated_time < '2025-02-01' ELSE mfa_active END
password_enabled IS NULL
password_last_used IS NULL AND password_enabled
access_key_1_last_rotated < generated_time - INTERVAL '90 days'
"user" IN ('no_information', 'None', 'a,b,c')
partition = 'aws-cn'
""".strip().splitlines()

SUMS = """SELECT count(*) AS n, sum(length("user"))::BIGINT AS length, count(mfa_active) AS mfa,
    sum(date_part('epoch', password_last_used)::BIGINT)::BIGINT AS used
    FROM {table} WHERE {filter}"""

# What is asked with every filter. A limit without an order says how many rows, but not which.
FILTERED = [
    SUMS,
    """SELECT account_id, generated_time, count(*) AS n, max(arn) AS last FROM {table}
        WHERE {filter} GROUP BY account_id, generated_time""",
    """SELECT arn, password_last_used, mfa_active, source FROM {table}
        WHERE {filter} ORDER BY arn, source LIMIT 7 OFFSET 3""",
    """SELECT count(*) AS n
        FROM (SELECT arn FROM {table} WHERE {filter} LIMIT 8200 OFFSET 20) AS part""",
]

# What is asked once of each table.
QUESTIONS = """
SELECT access_key_1_last_used_region AS region, mfa_active, count(*) AS n
    FROM {table} GROUP BY region, mfa_active;
SELECT account_id, password_enabled, count(*) AS n, count(*) FILTER (WHERE mfa_active) AS mfa
    FROM {table} GROUP BY ROLLUP (account_id, password_enabled);
SELECT additional_credentials_info AS info, count(DISTINCT account_id) AS accounts,
    min(password_last_used) AS used FROM {table} GROUP BY info HAVING count(*) > 9;
SELECT date_trunc('year', password_last_used) AS year, count(*) AS n FROM {table}
    GROUP BY year ORDER BY year NULLS FIRST LIMIT 9 OFFSET 2;
SELECT arn, source FROM {table}
    ORDER BY access_key_1_last_used_date DESC NULLS FIRST, arn, source LIMIT 9 OFFSET 9000;
SELECT count(*) AS n FROM (SELECT 1 AS one FROM {table} LIMIT 100000 OFFSET 9000) AS part;
SELECT count(*) AS n FROM (SELECT arn, source FROM {table} LIMIT 8500) AS a
    JOIN {table} AS b ON a.arn = b.arn AND a.source = b.source;
SELECT count(*) AS n, count(DISTINCT a."user") AS users FROM {table} AS a
    JOIN credential_report AS b
    ON a.account_id = b.account_id AND a."user" = b."user" AND a.source <> b.source;
SELECT a.account_id, count(b.arn) AS n FROM {table} AS a
    LEFT JOIN {table} AS b ON a."user" = b."user" AND b.account_id = '100000000007'
    WHERE a.generated_time < '2025-02-01T00:00:00Z' GROUP BY a.account_id;
SELECT count(*) AS n, count(a.arn) AS left_side, count(b.arn) AS right_side FROM {table} AS a
    FULL JOIN credential_report_history AS b
    ON a.source = b.source AND a.arn = b.arn AND b.mfa_active;
SELECT arn, source, row_number() OVER (PARTITION BY account_id ORDER BY generated_time DESC, arn)
    AS place FROM {table} WHERE "user" IN ('None', 'root');
SELECT account_id, generated_time, sum(count(*)) OVER (PARTITION BY account_id
    ORDER BY generated_time)::BIGINT AS total FROM {table} GROUP BY account_id, generated_time;
SELECT account_id, lag(source) OVER (PARTITION BY account_id ORDER BY generated_time) AS before,
    max(generated_time) OVER (PARTITION BY account_id) AS newest FROM {table} WHERE is_root;
SELECT DISTINCT access_key_1_last_used_region AS region, access_key_2_last_used_service AS service
    FROM {table};
SELECT DISTINCT generated_time, account_id FROM {table} ORDER BY generated_time, account_id;
SELECT arn, source FROM {table} WHERE account_id > '100000000030' AND "user" IN
    (SELECT "user" FROM credential_report WHERE account_id = '100000000003' AND password_enabled);
SELECT count(*) AS n FROM {table} WHERE access_key_1_last_used_region NOT IN
    (SELECT access_key_2_last_used_region FROM {table} WHERE account_id = '100000000003');
SELECT count(*) AS n FROM {table} WHERE generated_time =
    (SELECT max(generated_time) FROM {table} WHERE account_id < '100000000009');
SELECT count(*) AS n FROM {table} AS a WHERE NOT EXISTS
    (SELECT 1 FROM credential_report_history AS b WHERE b.account_id = a.account_id
    AND b.generated_time > a.generated_time AND b.is_root);
SELECT arn, mfa_active FROM {table} WHERE account_id = '100000000001'
    UNION SELECT arn, mfa_active FROM {table} WHERE account_id < '100000000003';
SELECT account_id AS text FROM {table} WHERE is_root UNION ALL
    SELECT access_key_1_last_used_region FROM {table} WHERE source LIKE '%date=2025-03-0%';
SELECT "user" FROM {table} WHERE account_id = '100000000001'
    EXCEPT SELECT "user" FROM {table} WHERE account_id = '100000000002'
""".split(";")


def all_statements() -> list[str]:
    """Every question to every table, each once."""
    filtered = [
        question.format(table=table, filter=condition)
        for table in TABLES
        for condition in FILTERS
        for question in FILTERED
    ]
    others = [question.format(table=table) for table in TABLES for question in QUESTIONS]
    return [" ".join(statement.split()) for statement in filtered + others]


def is_ordered(statement: str) -> bool:
    """Whether it ends with an order: one within brackets is a part's."""
    return " ORDER BY " in statement.rpartition(")")[2]
