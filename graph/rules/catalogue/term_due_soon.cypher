// id: term_due_soon
// title: 即将届满
// severity: warn
// subject: PartyOrg
// meaning: 选举产生的党委、总支、支部，任期在今后6个月内届满
// denominator: 选举产生的党委、总支、支部
// basis:
//   - 《中国共产党支部工作条例（试行）》（任期届满前6个月提醒）
// level: 党内法规
// remedy: 发换届提醒函，指导做好换届准备
// action: election
// given: [as_of, six_months_on]

MATCH (o:PartyOrg)
WHERE o.listed
  AND (
    (coalesce(o.kind, '支部') IN ['党委', '总支', '支部', '联合支部'] AND coalesce(o.elected, true))
    OR (o.kind IN ['综合党委', '行业党委', '小个专党委', '产业链党委', '联盟党委'] AND coalesce(o.elected, false))
  )
  AND (size($scope) = 0 OR EXISTS { MATCH (o)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
RETURN o.id AS id,
  CASE
    WHEN o.term_to IS NULL THEN 'unverified'
    WHEN $as_of <= o.term_to AND o.term_to <= $six_months_on THEN 'finding'
    ELSE 'clear'
  END AS verdict,
  o.kind AS kind, o.term_to AS term_to
ORDER BY id;
