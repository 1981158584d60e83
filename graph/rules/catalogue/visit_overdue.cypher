// id: visit_overdue
// title: 走访逾期
// severity: warn
// subject: Unit
// meaning: 在岗的指导员、联络员最近一次走访早于本地规定的间隔
// denominator: 有在岗指导员、联络员联系的单位；设置 visit_interval_days 未定间隔的为零
// basis:
//   - 本地指导员管理办法
// level: 地方做法
// remedy: 走访并登记
// action: visit
// facts:
//   officers: GuidanceOfficer.name
//   last_visit: {label: 最近走访, type: date}
//   due_since: {label: 应走访的最早日期, type: date}
// given: [as_of, posting_since, duties_gone, visit_interval_days, visited_since]

// not recorded is not the same as not visited
// the rows of a unit are one for each verdict on the officers who guide it
MATCH (o:GuidanceOfficer)-[g:GUIDES]->(u:Unit)
WHERE $visit_interval_days > 0 AND o.listed AND u.listed AND NOT (coalesce(o.duty, '') IN $duties_gone)
  AND g.valid_from <= $as_of AND $posting_since <= g.valid_to
  AND coalesce(g.role, o.role, '指导员') IN ['指导员', '联络员']
  AND (size($scope) = 0 OR EXISTS { MATCH (u)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
RETURN u.id AS id,
  CASE WHEN g.last_visit < $visited_since THEN 'finding' WHEN g.last_visit IS NULL THEN 'unverified' ELSE 'clear' END AS verdict,
  collect(DISTINCT o.name) AS officers, min(g.last_visit) AS last_visit, $visited_since AS due_since
ORDER BY id;
