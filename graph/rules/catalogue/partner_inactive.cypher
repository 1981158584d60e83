// id: partner_inactive
// title: 结对未活动
// severity: warn
// subject: [Region, JointGroup, PartyOrg, PartnerUnit, Unit]
// meaning: 结对在册、规定月数内（默认六个月）没有开展共建活动的乙方；签约不到这个月数的不算
// denominator: 有结对在册的乙方（村社、联组、党组织、单位）
// basis:
//   - 各地结对共建方案（设置 pairing_idle_months，默认六个月）
// level: 地方做法
// remedy: 联系结对双方开展共建活动
// action: arrange
// facts:
//   partners: {label: 甲方, type: strings, via: PAIRED_WITH}
//   last_activity: PAIRED_WITH.last_activity
// given: [as_of, pairing_active_since]

// a pairing is an edge: the side that it serves, 乙方, answers for it; a side has a row for each verdict on its pairings
// no date of an activity is 未填, not 未开展
MATCH (x:Region|JointGroup|PartyOrg|PartnerUnit|Unit)-[p:PAIRED_WITH]->(s:Region|JointGroup|PartyOrg|PartnerUnit|Unit)
WHERE x.listed AND s.listed AND p.valid_from <= $as_of AND $as_of <= p.valid_to
  AND (size($scope) = 0 OR s.id IN $scope OR EXISTS { MATCH (s)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
WITH s, x, p,
  CASE
    WHEN p.valid_from >= $pairing_active_since OR p.last_activity >= $pairing_active_since THEN 'clear'
    WHEN p.last_activity IS NULL THEN 'unverified'
    ELSE 'finding'
  END AS verdict
RETURN s.id AS id, verdict AS verdict, collect(DISTINCT x.name) AS partners, max(p.last_activity) AS last_activity
ORDER BY id;
