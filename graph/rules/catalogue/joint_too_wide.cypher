// id: joint_too_wide
// title: 联合支部过宽
// severity: warn
// subject: PartyOrg
// meaning: 覆盖单位多于{joint_units}家的联合党支部
// denominator: 覆盖着单位的联合党支部
// basis:
//   - 《中国共产党支部工作条例（试行）》第二章（联合党支部覆盖单位一般不超过5个）
// level: 党内法规
// remedy: 按行业、区域拆分
// action: split
// params:
//   joint_units: {label: 联合党支部覆盖单位数上限, default: 5, unit: 家}
// facts:
//   units: {label: 覆盖单位数, type: integer, unit: 家, via: COVERS}
// given: [as_of]

MATCH (o:PartyOrg)-[c:COVERS]->(u:Unit)
WHERE o.listed AND u.listed AND c.valid_from <= $as_of AND $as_of <= c.valid_to
  AND (o.kind = '联合支部' OR (coalesce(o.kind, '支部') IN ['支部', '临时党支部'] AND c.mode = '联合'))
  AND (size($scope) = 0 OR EXISTS { MATCH (o)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
WITH o, count(DISTINCT u.id) AS units
RETURN o.id AS id, CASE WHEN units > $joint_units THEN 'finding' ELSE 'clear' END AS verdict, o.kind AS kind, units AS units
ORDER BY id;
