// id: org_suspected
// title: 疑似应建
// severity: medium
// subject: Unit
// meaning: 口径内没有党组织覆盖、正式党员数未填，而正式和预备党员或党员数{org_min_members}名以上的单位（与应建未建分开统计）
// denominator: 口径内没有党组织覆盖、正式党员数未填的单位
// basis:
//   - 《中国共产党章程》第三十条（正式党员数核实后适用）
// remedy: 下发核实表，核实正式党员数
// turns:
//   - {text: 正式党员数经核实填写（之后按应建未建、应联建未联建认定）, set: {formal_members: 0}}
//   - {text: 有计入组织覆盖的党组织覆盖, link: COVERS, other: {PartyOrg: {kind: 支部}}}
// action: verify
// params:
//   org_min_members: {label: 应建党组织的正式党员数, default: 3, unit: 人}
// given: [bases, as_of, kinds_not_covering]

// population
// a count of 0 among wider counts says that there is no 正式党员 either
UNWIND $bases AS base
MATCH (u:Unit)
WHERE u.listed AND u.formal_members IS NULL AND coalesce(u.formal_and_probationary, -1) <> 0 AND coalesce(u.members, -1) <> 0
  AND (base IN u.bases OR base IN u.bases_undecided)
  AND (size($scope) = 0 OR EXISTS { MATCH (u)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
  AND NOT EXISTS {
    MATCH (o:PartyOrg)-[c:COVERS]->(u)
    WHERE o.listed AND c.valid_from <= $as_of AND $as_of <= c.valid_to
      AND NOT (coalesce(o.kind, '') IN $kinds_not_covering)
  }
RETURN DISTINCT u.id AS id, u.formal_and_probationary AS formal_and_probationary, u.members AS members
ORDER BY id;

// finding
UNWIND $bases AS base
MATCH (u:Unit)
WHERE u.listed AND u.formal_members IS NULL AND coalesce(u.formal_and_probationary, -1) <> 0 AND coalesce(u.members, -1) <> 0
  AND base IN u.bases
  AND NOT (u.kind = '企业' AND coalesce(u.ownership, '不明') = '不明')
  AND (coalesce(u.formal_and_probationary, 0) >= $org_min_members OR coalesce(u.members, 0) >= $org_min_members)
  AND (size($scope) = 0 OR EXISTS { MATCH (u)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
  AND NOT EXISTS {
    MATCH (o:PartyOrg)-[c:COVERS]->(u)
    WHERE o.listed AND c.valid_from <= $as_of AND $as_of <= c.valid_to
      AND NOT (coalesce(o.kind, '') IN $kinds_not_covering)
  }
RETURN DISTINCT u.id AS id, u.formal_and_probationary AS formal_and_probationary, u.members AS members
ORDER BY id;

// unverified
// no count at all, or a count that would do while the base or the ownership is not known
UNWIND $bases AS base
MATCH (u:Unit)
WHERE u.listed AND u.formal_members IS NULL AND coalesce(u.formal_and_probationary, -1) <> 0 AND coalesce(u.members, -1) <> 0
  AND (
    ((base IN u.bases OR base IN u.bases_undecided) AND u.formal_and_probationary IS NULL AND u.members IS NULL)
    OR ((coalesce(u.formal_and_probationary, 0) >= $org_min_members OR coalesce(u.members, 0) >= $org_min_members) AND (base IN u.bases_undecided OR (base IN u.bases AND (u.kind = '企业' AND coalesce(u.ownership, '不明') = '不明'))))
  )
  AND (size($scope) = 0 OR EXISTS { MATCH (u)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
  AND NOT EXISTS {
    MATCH (o:PartyOrg)-[c:COVERS]->(u)
    WHERE o.listed AND c.valid_from <= $as_of AND $as_of <= c.valid_to
      AND NOT (coalesce(o.kind, '') IN $kinds_not_covering)
  }
RETURN DISTINCT u.id AS id, u.formal_and_probationary AS formal_and_probationary, u.members AS members, u.ownership AS ownership
ORDER BY id;
