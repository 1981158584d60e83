// id: org_should_close
// title: 应撤未撤
// severity: warn
// subject: PartyOrg
// meaning: 覆盖的单位都已停业、注销、吊销、迁出或不再列入台账的党组织
// denominator: 覆盖着单位的党组织
// basis:
//   - 《中国共产党支部工作条例（试行）》（不再符合设立条件的，及时调整或撤销）
// level: 党内法规
// remedy: 调整设置或报批撤销，转出党员组织关系
// action: close
// params:
//   closed_states: {label: 视为不再经营的状态, default: [停业, 注销, 吊销, 迁出]}
// facts:
//   covers_operating: {label: 有仍在经营的覆盖单位, type: boolean, via: COVERS}
// given: [as_of]

// a blank state of a listed unit says that it operates, as everywhere
MATCH (o:PartyOrg)-[c:COVERS]->(u:Unit)
WHERE o.listed AND c.valid_from <= $as_of AND $as_of <= c.valid_to
  AND (size($scope) = 0 OR EXISTS { MATCH (o)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
WITH o, count(CASE WHEN u.listed AND NOT (coalesce(u.operating, '') IN $closed_states) THEN 1 END) > 0 AS covers_operating
RETURN o.id AS id, CASE WHEN covers_operating THEN 'clear' ELSE 'finding' END AS verdict,
  o.kind AS kind, covers_operating AS covers_operating
ORDER BY id;
