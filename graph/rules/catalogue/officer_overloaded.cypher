// id: officer_overloaded
// title: 联系单位数超限
// severity: warn
// subject: GuidanceOfficer
// meaning: 在岗联系的单位多于可联系数（未填的按{officer_capacity}家）的指导员、联络员
// denominator: 在岗指导员、联络员
// basis:
//   - 各地公开数据每名指导员联系1.0至7.6家单位，未设上限的按{officer_capacity}家提醒
// level: 地方做法
// remedy: 调整联系单位
// turns:
//   - {text: 移交联系的单位，使在岗联系的不多于上限, unlink: GUIDES}
// action: reassign
// params:
//   officer_capacity: {label: 未填可联系数时的上限, default: 5, unit: 家}
// facts:
//   units: {label: 在岗联系单位数, type: integer, unit: 家, via: GUIDES}
//   limit: {label: 上限, type: integer, unit: 家}
// given: [as_of, posting_since, duties_gone]

MATCH (o:GuidanceOfficer)
WHERE o.listed AND NOT (coalesce(o.duty, '') IN $duties_gone)
  AND coalesce(o.role, '指导员') IN ['指导员', '联络员']
  AND (size($scope) = 0 OR EXISTS { MATCH (o)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
// a posting without a role is in the role of its officer, which is one of the two
OPTIONAL MATCH (o)-[g:GUIDES]->(u:Unit)
WHERE u.listed AND g.valid_from <= $as_of AND $posting_since <= g.valid_to
  AND coalesce(g.role, '指导员') IN ['指导员', '联络员']
WITH o, count(DISTINCT u.id) AS units, coalesce(o.capacity, $officer_capacity) AS most
RETURN o.id AS id, CASE WHEN units > most THEN 'finding' ELSE 'clear' END AS verdict, units AS units, most AS limit
ORDER BY id;
