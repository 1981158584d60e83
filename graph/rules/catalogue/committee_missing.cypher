// id: committee_missing
// title: 未设支委会
// severity: medium
// subject: PartyOrg
// meaning: 正式党员{committee_min_members}人及以上、没有设支委会，或委员不足{committee_least}人、多于{committee_most}人的支部
// denominator: 正式党员{committee_min_members}人及以上的支部
// basis:
//   - 《中国共产党支部工作条例（试行）》第六章（有正式党员{committee_min_members}人以上的党支部应当设支部委员会，委员3至5人，一般不超过7人）
// level: 党内法规
// remedy: 选举产生支委会，或增补、调整委员
// action: elect_committee
// params:
//   committee_min_members: {label: 应设支委会的正式党员数, default: 7, unit: 人}
//   committee_least: {label: 支委会委员至少, default: 3, unit: 人}
//   committee_most: {label: 支委会委员至多, default: 7, unit: 人}

// a branch whose 正式党员数 is blank may have that many: it is in the denominator, undecided
MATCH (o:PartyOrg)
WHERE o.listed AND coalesce(o.kind, '支部') IN ['支部', '联合支部']
  AND (o.formal_members IS NULL OR o.formal_members >= $committee_min_members)
  AND (size($scope) = 0 OR EXISTS { MATCH (o)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
RETURN o.id AS id,
  CASE
    WHEN $committee_least <= o.committee_members AND o.committee_members <= $committee_most THEN 'clear'
    WHEN o.committee_members IS NOT NULL AND o.formal_members IS NOT NULL THEN 'finding'
    ELSE 'unverified'
  END AS verdict,
  o.formal_members AS formal_members, o.committee_members AS committee_members
ORDER BY id;
