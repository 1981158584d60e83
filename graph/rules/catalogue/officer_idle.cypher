// id: officer_idle
// title: 未派驻
// severity: suggest
// subject: GuidanceOfficer
// meaning: 在岗、在任期内而没有联系任何单位的指导员、联络员
// denominator: 在岗、在任期内的指导员、联络员（没有写任期的视为在任期内）
// basis:
//   - 县（市、区）党建指导员管理办法
// level: 地方做法
// remedy: 安排联系单位
// action: assign_units
// facts:
//   posted: {label: 有在册的派驻, type: boolean, via: GUIDES}
// given: [as_of, posting_since, duties_gone]

MATCH (o:GuidanceOfficer)
WHERE o.listed AND coalesce(o.role, '指导员') IN ['指导员', '联络员']
  AND (size($scope) = 0 OR EXISTS { MATCH (o)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
  AND NOT (coalesce(o.duty, '') IN $duties_gone)
  AND (o.term_from IS NULL OR o.term_from <= $as_of) AND (o.term_to IS NULL OR $as_of <= o.term_to)
WITH o, EXISTS {
    MATCH (o)-[g:GUIDES]->(u:Unit)
    WHERE u.listed AND g.valid_from <= $as_of AND $posting_since <= g.valid_to
  } AS posted
RETURN o.id AS id, CASE WHEN posted THEN 'clear' ELSE 'finding' END AS verdict,
  o.workplace AS workplace, o.capacity AS capacity, o.duty AS duty, posted AS posted
ORDER BY id;
