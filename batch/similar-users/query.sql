-- What people with the same taste bought and this person did not: user similarity by cosine over
-- items, the 30 nearest people, their items weighted by nearness.
WITH placed AS (
  SELECT
    "value"->>'$.userId' AS user_id,
    unnest(from_json("value"->'$.skus', '["VARCHAR"]')) AS item_id,
    "timestamp" AS placed_at
  FROM orders_events
  WHERE "value"->>'$.status' = 'placed'
),
bought AS (
  SELECT user_id, item_id, max(placed_at) AS last_bought FROM placed GROUP BY ALL
),
baskets AS (
  SELECT user_id, item_id
  FROM bought
  QUALIFY row_number() OVER (PARTITION BY user_id ORDER BY last_bought DESC, item_id) <= 50
),
sizes AS (
  SELECT user_id, count(*) AS item_count FROM baskets GROUP BY user_id
),
-- An item that thousands bought says little about taste and would make a quadratic join.
telling AS (
  SELECT item_id FROM baskets GROUP BY item_id HAVING count(*) BETWEEN 2 AND 1000
),
common AS (
  SELECT a.user_id AS user_id, b.user_id AS other_id, count(*) AS shared
  FROM baskets a
  JOIN telling USING (item_id)
  JOIN baskets b ON a.item_id = b.item_id AND a.user_id <> b.user_id
  GROUP BY ALL
),
nearest AS (
  SELECT
    common.user_id,
    common.other_id,
    common.shared / sqrt(one.item_count * other.item_count) AS nearness
  FROM common
  JOIN sizes one ON one.user_id = common.user_id
  JOIN sizes other ON other.user_id = common.other_id
  QUALIFY row_number() OVER (
    PARTITION BY common.user_id ORDER BY nearness DESC, common.other_id
  ) <= 30
),
scored AS (
  SELECT nearest.user_id, theirs.item_id, round(sum(nearest.nearness), 6) AS score
  FROM nearest
  JOIN baskets theirs ON theirs.user_id = nearest.other_id
  LEFT JOIN baskets mine ON mine.user_id = nearest.user_id AND mine.item_id = theirs.item_id
  WHERE mine.item_id IS NULL
  GROUP BY nearest.user_id, theirs.item_id
)
SELECT user_id, item_id, score
FROM scored
QUALIFY row_number() OVER (PARTITION BY user_id ORDER BY score DESC, item_id) <= 20
ORDER BY user_id, score DESC, item_id
