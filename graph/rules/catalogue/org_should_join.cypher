// id: org_should_join
// title: 应联建未联建
// severity: medium
// subject: Unit
// meaning: 口径内有正式党员但不足{org_min_members}名、没有党组织覆盖的单位
// denominator: 口径内有正式党员但不足{org_min_members}名的单位
// basis:
//   - 《中国共产党支部工作条例（试行）》第二章（正式党员不足3人的，应当成立联合党支部）
// level: 党内法规
// remedy: 与相邻单位成立联合党支部
// turns:
//   - {text: 有计入组织覆盖的党组织（联合党支部等）覆盖, link: COVERS, other: {PartyOrg: {kind: 联合支部}}}
//   - {text: 核实后没有正式党员, set: {formal_members: 0}}
// action: joint_branch
// params:
//   org_min_members: {label: 应建党组织的正式党员数, default: 3, unit: 人}
// facts:
//   organized: {label: 有计入组织覆盖的党组织覆盖, type: boolean, via: COVERS}
//   in_base: {label: 确定在口径内, type: boolean}
//   ownership_unknown: {label: 企业所有制不明, type: boolean}
// given: [bases, as_of, kinds_not_covering]
// unverified_facts: [ownership]

// where the base cannot be decided, or nobody knows whether an enterprise is 非公, it is 待核实
UNWIND $bases AS base
MATCH (u:Unit)
WHERE u.listed AND 1 <= u.formal_members AND u.formal_members < $org_min_members
  AND (base IN u.bases OR base IN u.bases_undecided)
  AND (size($scope) = 0 OR EXISTS { MATCH (u)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
WITH u, u.formal_members AS formal_members, u.ownership AS ownership, base IN u.bases AS in_base,
  u.kind = '企业' AND coalesce(u.ownership, '不明') = '不明' AS ownership_unknown,
  EXISTS {
    MATCH (o:PartyOrg)-[c:COVERS]->(u)
    WHERE o.listed AND c.valid_from <= $as_of AND $as_of <= c.valid_to
      AND NOT (coalesce(o.kind, '') IN $kinds_not_covering)
  } AS organized
RETURN u.id AS id,
  CASE WHEN organized THEN 'clear' WHEN in_base AND NOT ownership_unknown THEN 'finding' ELSE 'unverified' END AS verdict,
  formal_members AS formal_members, ownership AS ownership,
  organized AS organized, in_base AS in_base, ownership_unknown AS ownership_unknown
ORDER BY id;
