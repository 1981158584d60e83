// id: org_suspected
// title: 疑似应建
// severity: medium
// subject: Unit
// meaning: 口径内没有党组织覆盖、正式党员数未填，而正式和预备党员或党员数{org_min_members}名以上的单位（与应建未建分开统计）
// denominator: 口径内没有党组织覆盖、正式党员数未填的单位
// basis:
//   - 《中国共产党章程》第三十条（正式党员数核实后适用）
// level: 党内法规
// remedy: 下发核实表，核实正式党员数
// turns:
//   - {text: 正式党员数经核实填写（之后按应建未建、应联建未联建认定）, set: {formal_members: 0}}
//   - {text: 有计入组织覆盖的党组织覆盖, link: COVERS, other: {PartyOrg: {kind: 支部}}}
// action: verify
// params:
//   org_min_members: {label: 应建党组织的正式党员数, default: 3, unit: 人}
// facts:
//   organized: {label: 有计入组织覆盖的党组织覆盖, type: boolean, via: COVERS}
//   enough_members: {label: 已填的党员数达到应建标准, type: boolean, sensitivity: members}
//   in_base: {label: 确定在口径内, type: boolean}
//   ownership_unknown: {label: 企业所有制不明, type: boolean}
// given: [bases, as_of, kinds_not_covering]
// unverified_facts: [ownership]

// a count of 0 among wider counts says that there is no 正式党员 either
// where there is no count at all, or a count that would do while the base or the ownership is not known, it is 待核实
UNWIND $bases AS base
MATCH (u:Unit)
WHERE u.listed AND u.formal_members IS NULL AND coalesce(u.formal_and_probationary, -1) <> 0 AND coalesce(u.members, -1) <> 0
  AND (base IN u.bases OR base IN u.bases_undecided)
  AND (size($scope) = 0 OR EXISTS { MATCH (u)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
WITH u, base, EXISTS {
    MATCH (o:PartyOrg)-[c:COVERS]->(u)
    WHERE o.listed AND c.valid_from <= $as_of AND $as_of <= c.valid_to
      AND NOT (coalesce(o.kind, '') IN $kinds_not_covering)
  } AS organized
WHERE NOT organized
WITH u, organized, u.formal_and_probationary AS formal_and_probationary, u.members AS members, u.ownership AS ownership, base IN u.bases AS in_base,
  u.kind = '企业' AND coalesce(u.ownership, '不明') = '不明' AS ownership_unknown,
  coalesce(u.formal_and_probationary, 0) >= $org_min_members OR coalesce(u.members, 0) >= $org_min_members AS enough_members
RETURN u.id AS id,
  CASE
    WHEN enough_members AND in_base AND NOT ownership_unknown THEN 'finding'
    WHEN enough_members OR (formal_and_probationary IS NULL AND members IS NULL) THEN 'unverified'
    ELSE 'clear'
  END AS verdict,
  formal_and_probationary AS formal_and_probationary, members AS members, ownership AS ownership,
  organized AS organized, enough_members AS enough_members, in_base AS in_base, ownership_unknown AS ownership_unknown
ORDER BY id;
