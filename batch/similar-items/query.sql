-- Items bought by the same people: cosine similarity over who bought what.
--
-- Each person counts once for an item, and with at most her 50 latest items, so that a reseller
-- does not make everything similar to everything. A pair needs :minimum_buyers people in common.
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
buyers AS (
  SELECT item_id, count(*) AS buyer_count FROM baskets GROUP BY item_id
),
pairs AS (
  SELECT a.item_id AS a, b.item_id AS b, count(*) AS together
  FROM baskets a
  JOIN baskets b ON a.user_id = b.user_id AND a.item_id < b.item_id
  GROUP BY ALL
  HAVING count(*) >= $minimum_buyers
),
both_ways AS (
  SELECT a AS item_id, b AS other_id, together FROM pairs
  UNION ALL
  SELECT b, a, together FROM pairs
)
SELECT
  pair.item_id,
  pair.other_id,
  round(pair.together / sqrt(one.buyer_count * other.buyer_count), 6) AS score
FROM both_ways pair
JOIN buyers one ON one.item_id = pair.item_id
JOIN buyers other ON other.item_id = pair.other_id
QUALIFY row_number() OVER (PARTITION BY pair.item_id ORDER BY score DESC, other_id) <= 20
ORDER BY pair.item_id, score DESC, other_id
