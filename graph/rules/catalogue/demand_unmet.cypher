// id: demand_unmet
// title: 需求未响应
// severity: warn
// subject: ListItem
// meaning: 没有办结，又没有匹配到资源或任务、或已超过解决时限的需求
// denominator: 没有写明已办结的需求
// basis:
//   - 东方红街道、宁乡做法（宁乡解决诉求1170件）
// level: 地方做法
// remedy: 匹配资源或任务，督办超时的
// action: match
// facts:
//   matched: {label: 匹配到的资源和任务, type: integer, unit: 项, via: MATCHED_TO}
// given: [as_of]

MATCH (i:ListItem)
WHERE i.listed AND i.kind = '需求' AND coalesce(i.progress, '') <> '已办结'
  AND (size($scope) = 0 OR EXISTS { MATCH (i)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
OPTIONAL MATCH (i)-[m:MATCHED_TO]-(x:ListItem)
WHERE x.listed AND x.kind IN ['资源', '任务'] AND m.valid_from <= $as_of AND $as_of <= m.valid_to
WITH i, count(DISTINCT x.id) AS matched
RETURN i.id AS id,
  CASE
    // nobody has said whether it is solved
    WHEN i.progress IS NULL THEN 'unverified'
    WHEN matched = 0 OR i.due_on < $as_of THEN 'finding'
    // it is matched, and nobody has said until when
    WHEN i.due_on IS NULL THEN 'unverified'
    ELSE 'clear'
  END AS verdict,
  i.progress AS progress, i.due_on AS due_on, i.handler AS handler, i.level AS level,
  i.called_on AS called_on, i.reported_in AS reported_in, matched AS matched
ORDER BY id;
