// id: not_in_group
// title: 未编联组
// severity: warn
// subject: PartyOrg
// meaning: 已建联组的镇街中，没有编入、或编入不止一个联组的两新党组织
// denominator: 已建联组的镇街中的两新党组织
// basis:
//   - 东方红街道 东发〔2023〕33号
// level: 地方做法
// remedy: 编入一个联组
// turns:
//   - {text: 编入一个联组，且只编入一个, link: GROUPED_IN, other: {JointGroup: {}}}
// action: group
// facts:
//   groups: {label: 编入联组数, type: integer, unit: 个, via: GROUPED_IN}
// given: [as_of]

MATCH (o:PartyOrg)
WHERE o.listed
  AND NOT (coalesce(o.kind, '') IN ['党工委', '综合党委', '行业党委', '小个专党委', '产业链党委', '联盟党委'])
  AND (coalesce(o.two_new, false) OR (o.two_new IS NULL AND EXISTS {
    MATCH (o)-[c:COVERS]->(u:Unit)
    WHERE u.listed AND c.valid_from <= $as_of AND $as_of <= c.valid_to
  }))
  AND (
    EXISTS { MATCH (o)-[:LOCATED_IN]->(:Region)<-[:LOCATED_IN]-(g:JointGroup) WHERE g.listed }
    OR EXISTS {
      MATCH (o)-[:LOCATED_IN]->(:Region)-[:PART_OF]->(p:Region)<-[:LOCATED_IN]-(g:JointGroup)
      WHERE g.listed AND p.kind = '镇街'
    }
  )
  AND (size($scope) = 0 OR EXISTS { MATCH (o)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
OPTIONAL MATCH (o)-[m:GROUPED_IN]->(j:JointGroup)
WHERE j.listed AND m.valid_from <= $as_of AND $as_of <= m.valid_to
WITH o, count(DISTINCT j.id) AS groups
RETURN o.id AS id, CASE WHEN groups = 1 THEN 'clear' ELSE 'finding' END AS verdict, groups AS groups
ORDER BY id;
