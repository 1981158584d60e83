// id: officer_expired
// title: 到期待续派
// severity: warn
// subject: GuidanceOfficer
// meaning: 派驻任期已满、尚在宽限期内（仍计为工作覆盖）的指导员、联络员
// denominator: 有派驻在册的指导员、联络员（没有写任期止的视为在册）
// basis:
//   - 宁夏（2025）、安徽党建指导员管理做法
//   - 县（市、区）党建指导员管理办法
// level: 地方做法
// remedy: 续派，或另派指导员
// action: renew
// facts:
//   postings: {label: 派驻单位数, type: integer, unit: 家, via: GUIDES}
// given: [as_of, posting_since, duties_gone]

// the postings that have run out are one row of an officer, the others are another
MATCH (o:GuidanceOfficer)-[g:GUIDES]->(u:Unit)
WHERE o.listed AND u.listed AND NOT (coalesce(o.duty, '') IN $duties_gone)
  AND coalesce(g.role, o.role, '指导员') IN ['指导员', '联络员']
  AND g.valid_from <= $as_of AND $posting_since <= g.valid_to
  AND (size($scope) = 0 OR EXISTS { MATCH (o)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
RETURN o.id AS id, CASE WHEN g.valid_to < $as_of THEN 'finding' ELSE 'clear' END AS verdict,
  count(DISTINCT u.id) AS postings
ORDER BY id;
