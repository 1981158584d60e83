// id: partner_missing
// title: 未结对
// severity: medium
// subject: [Region, JointGroup, PartyOrg]
// meaning: 本地结对方案要求结对、而没有结对在册的村社、联组或行业党组织
// denominator: 本地结对方案要求结对的村社、联组、行业党组织
// basis:
//   - 沅江结对做法（58对市直单位、国企与村社，104对民企、合作社与重点村、脱贫村）
//   - 东方红街道、泾川结对共建做法
// level: 地方做法
// remedy: 安排结对单位并签约
// turns:
//   - {text: 有结对在册的单位, link: PAIRED_WITH, other: {PartnerUnit: {}}}
// action: pair
// facts:
//   sides: {label: 结对要求, type: strings}
//   paired: {label: 有结对在册, type: boolean, via: PAIRED_WITH}
// given: [as_of, pairing_sides]

// a pairing counts in either direction
MATCH (v:Region)
WHERE v.listed AND (size($scope) = 0 OR v.id IN $scope)
UNWIND v.category AS side
WITH v, side
WHERE side IN $pairing_sides
WITH v, collect(DISTINCT side) AS sides
WITH v, sides, EXISTS {
    MATCH (v)-[p:PAIRED_WITH]-(x:Region|JointGroup|PartyOrg|PartnerUnit|Unit)
    WHERE x.listed AND p.valid_from <= $as_of AND $as_of <= p.valid_to
  } AS paired
RETURN v.id AS id, CASE WHEN paired THEN 'clear' ELSE 'finding' END AS verdict, sides AS sides, paired AS paired
ORDER BY id
UNION ALL
MATCH (v:Region)
WHERE v.listed AND v.kind IN $pairing_sides AND (size($scope) = 0 OR v.id IN $scope)
WITH v, collect(DISTINCT v.kind) AS sides
WITH v, sides, EXISTS {
    MATCH (v)-[p:PAIRED_WITH]-(x:Region|JointGroup|PartyOrg|PartnerUnit|Unit)
    WHERE x.listed AND p.valid_from <= $as_of AND $as_of <= p.valid_to
  } AS paired
RETURN v.id AS id, CASE WHEN paired THEN 'clear' ELSE 'finding' END AS verdict, sides AS sides, paired AS paired
ORDER BY id
UNION ALL
MATCH (j:JointGroup)
WHERE j.listed AND '联组' IN $pairing_sides
  AND (size($scope) = 0 OR EXISTS { MATCH (j)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
WITH j, collect('联组') AS sides
WITH j, sides, EXISTS {
    MATCH (j)-[p:PAIRED_WITH]-(x:Region|JointGroup|PartyOrg|PartnerUnit|Unit)
    WHERE x.listed AND p.valid_from <= $as_of AND $as_of <= p.valid_to
  } AS paired
RETURN j.id AS id, CASE WHEN paired THEN 'clear' ELSE 'finding' END AS verdict, sides AS sides, paired AS paired
ORDER BY id
UNION ALL
MATCH (o:PartyOrg)
WHERE o.listed AND '行业党组织' IN $pairing_sides AND o.kind IN ['行业党委', '小个专党委']
  AND (size($scope) = 0 OR EXISTS { MATCH (o)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
WITH o, collect('行业党组织') AS sides
WITH o, sides, EXISTS {
    MATCH (o)-[p:PAIRED_WITH]-(x:Region|JointGroup|PartyOrg|PartnerUnit|Unit)
    WHERE x.listed AND p.valid_from <= $as_of AND $as_of <= p.valid_to
  } AS paired
RETURN o.id AS id, CASE WHEN paired THEN 'clear' ELSE 'finding' END AS verdict, sides AS sides, paired AS paired
ORDER BY id;
