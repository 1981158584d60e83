// id: term_overdue
// title: 届满未换届
// severity: high
// subject: PartyOrg
// meaning: 选举产生的党委、总支、支部任期届满仍未换届；批准延期的以一年为限
// denominator: 选举产生的党委、总支、支部
// basis:
//   - 《关于党的基层组织任期的意见》（2018）
//   - 《中国共产党基层组织选举工作条例》（2020）
// level: 党内法规
// remedy: 督促按期换届
// turns:
//   - {text: 已换届，任期届满日期不早于截止日, set: {term_to: 2099-12-31}}
//   - {text: 批准延期，且届满未满一年, set: {extension_approved: true}}
// action: election
// given: [as_of, extension_since]
// unverified_facts: [term_from]

// 综合, 行业 and 产业链党委 are appointed unless their ledger says 选举产生
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
    WHEN $as_of <= o.term_to THEN 'clear'
    WHEN coalesce(o.extension_approved, false) AND $extension_since <= o.term_to THEN 'clear'
    ELSE 'finding'
  END AS verdict,
  o.kind AS kind, o.term_to AS term_to, o.extension_approved AS extension_approved, o.term_from AS term_from
ORDER BY id;
