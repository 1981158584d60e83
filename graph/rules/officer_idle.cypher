// id: officer_idle
// title: 未派驻
// severity: suggest
// subject: GuidanceOfficer
// meaning: 在岗而没有联系任何单位的指导员、联络员
// denominator: 在岗指导员、联络员
// basis:
//   - 县（市、区）党建指导员管理办法
// remedy: 安排联系单位
// action: assign_units
// given: [as_of, posting_since, duties_gone]

// population
MATCH (o:GuidanceOfficer)
WHERE o.listed AND coalesce(o.role, '指导员') IN ['指导员', '联络员']
  AND (size($scope) = 0 OR EXISTS { MATCH (o)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
  AND NOT (coalesce(o.duty, '') IN $duties_gone)
RETURN o.id AS id, o.workplace AS workplace, o.capacity AS capacity, o.duty AS duty
ORDER BY id;

// finding
MATCH (o:GuidanceOfficer)
WHERE o.listed AND coalesce(o.role, '指导员') IN ['指导员', '联络员']
  AND (size($scope) = 0 OR EXISTS { MATCH (o)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
  AND NOT (coalesce(o.duty, '') IN $duties_gone)
  AND NOT EXISTS {
    MATCH (o)-[g:GUIDES]->(u:Unit)
    WHERE u.listed AND g.valid_from <= $as_of AND $posting_since <= g.valid_to
  }
RETURN o.id AS id, o.workplace AS workplace, o.capacity AS capacity, o.duty AS duty
ORDER BY id;
