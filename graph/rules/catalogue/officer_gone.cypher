// id: officer_gone
// title: 指导员已离任
// severity: warn
// subject: Unit
// meaning: 派驻没有终止，而指导员、联络员已调离、退休、离任或不再列入台账的单位（该派驻不计为工作覆盖）
// denominator: 有派驻没有终止的单位
// basis:
//   - 县（市、区）党建指导员管理办法
// level: 地方做法
// remedy: 终止该派驻，另派指导员
// action: replace
// facts:
//   postings: {label: 没有终止的派驻数, type: integer, unit: 人}
//   gone: {label: 派驻的人已离任, type: boolean}
// given: [as_of, posting_since, duties_gone]

// the rows of a unit are one for officers who are gone and one for those who are not
MATCH (u:Unit)<-[g:GUIDES]-(o:GuidanceOfficer)
WHERE u.listed AND coalesce(g.role, o.role, '指导员') IN ['指导员', '联络员']
  AND g.valid_from <= $as_of AND $posting_since <= g.valid_to
  AND (size($scope) = 0 OR EXISTS { MATCH (u)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
WITH u, o, NOT o.listed OR coalesce(o.duty, '') IN $duties_gone AS gone
RETURN u.id AS id, CASE WHEN gone THEN 'finding' ELSE 'clear' END AS verdict,
  count(DISTINCT o.id) AS postings, gone AS gone
ORDER BY id;
