// id: members_not_transferred
// title: 应转未转
// severity: medium
// subject: Unit
// meaning: 口径内正式党员不足{org_min_members}名，连同未转入组织关系的党员达到{org_min_members}名，而没有党组织覆盖的单位
// denominator: 口径内正式党员不足{org_min_members}名，连同未转入组织关系的党员达到{org_min_members}名的单位（两个数有一个未填的也在内）
// basis:
//   - 《中国共产党党员教育管理工作条例》（党员组织关系管理）
// remedy: 先转接组织关系，再按正式党员数组建
// action: transfer
// params:
//   org_min_members: {label: 应建党组织的正式党员数, default: 3, unit: 人}
// given: [bases, as_of, kinds_not_covering]

// population
// a count of 0 among wider counts says that there is no 正式党员 either
UNWIND $bases AS base
MATCH (u:Unit)
WHERE u.listed AND (base IN u.bases OR base IN u.bases_undecided)
  AND (size($scope) = 0 OR EXISTS { MATCH (u)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
WITH u, coalesce(u.formal_members, CASE WHEN u.formal_and_probationary = 0 OR u.members = 0 THEN 0 ELSE NULL END) AS formal
WHERE coalesce(formal, 0) < $org_min_members
  AND (formal IS NULL OR u.members_elsewhere IS NULL OR formal + u.members_elsewhere >= $org_min_members)
RETURN DISTINCT u.id AS id, u.formal_members AS formal_members, u.members_elsewhere AS members_elsewhere
ORDER BY id;

// finding
UNWIND $bases AS base
MATCH (u:Unit)
WHERE u.listed AND base IN u.bases
  AND NOT (u.kind = '企业' AND coalesce(u.ownership, '不明') = '不明')
  AND (size($scope) = 0 OR EXISTS { MATCH (u)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
  AND NOT EXISTS {
    MATCH (o:PartyOrg)-[c:COVERS]->(u)
    WHERE o.listed AND c.valid_from <= $as_of AND $as_of <= c.valid_to
      AND NOT (coalesce(o.kind, '') IN $kinds_not_covering)
  }
WITH u, coalesce(u.formal_members, CASE WHEN u.formal_and_probationary = 0 OR u.members = 0 THEN 0 ELSE NULL END) AS formal
WHERE formal < $org_min_members AND formal + u.members_elsewhere >= $org_min_members
RETURN DISTINCT u.id AS id, u.formal_members AS formal_members, u.members_elsewhere AS members_elsewhere
ORDER BY id;

// unverified
// one of the two counts is blank (many ledgers have no column for the second), or base or ownership is not known
UNWIND $bases AS base
MATCH (u:Unit)
WHERE u.listed AND (base IN u.bases OR base IN u.bases_undecided)
  AND (size($scope) = 0 OR EXISTS { MATCH (u)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
  AND NOT EXISTS {
    MATCH (o:PartyOrg)-[c:COVERS]->(u)
    WHERE o.listed AND c.valid_from <= $as_of AND $as_of <= c.valid_to
      AND NOT (coalesce(o.kind, '') IN $kinds_not_covering)
  }
WITH u, base, coalesce(u.formal_members, CASE WHEN u.formal_and_probationary = 0 OR u.members = 0 THEN 0 ELSE NULL END) AS formal
WHERE coalesce(formal, 0) < $org_min_members
  AND (
    formal IS NULL OR u.members_elsewhere IS NULL
    OR (formal + u.members_elsewhere >= $org_min_members AND (base IN u.bases_undecided OR (u.kind = '企业' AND coalesce(u.ownership, '不明') = '不明')))
  )
RETURN DISTINCT u.id AS id, u.formal_members AS formal_members, u.members_elsewhere AS members_elsewhere, u.ownership AS ownership
ORDER BY id;
