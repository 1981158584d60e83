// id: staff_without_org
// title: 百人以上未建党组织
// severity: high
// subject: Unit
// meaning: 口径内从业人数{org_staff}人以上、没有党组织覆盖的单位
// denominator: 口径内从业人数{org_staff}人以上的单位
// basis:
//   - 邵阳市“六个100%”（2017），地方做法
// remedy: 按党员数指导建立党组织：正式党员3名以上的成立党支部，不足3名的联合组建，没有党员的先派指导员、先建群团
// action: by_members
// params:
//   org_staff: {label: 应建党组织的从业人数, default: 100, unit: 人}
// given: [bases, as_of, kinds_not_covering]

// population
UNWIND $bases AS base
MATCH (u:Unit)
WHERE u.listed AND u.staff >= $org_staff
  AND (base IN u.bases OR base IN u.bases_undecided)
  AND (size($scope) = 0 OR EXISTS { MATCH (u)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
RETURN DISTINCT u.id AS id, u.staff AS staff, u.formal_members AS formal_members
ORDER BY id;

// finding
UNWIND $bases AS base
MATCH (u:Unit)
WHERE u.listed AND u.staff >= $org_staff
  AND base IN u.bases
  AND NOT (u.kind = '企业' AND coalesce(u.ownership, '不明') = '不明')
  AND (size($scope) = 0 OR EXISTS { MATCH (u)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
  AND NOT EXISTS {
    MATCH (o:PartyOrg)-[c:COVERS]->(u)
    WHERE o.listed AND c.valid_from <= $as_of AND $as_of <= c.valid_to
      AND NOT (coalesce(o.kind, '') IN $kinds_not_covering)
  }
RETURN DISTINCT u.id AS id, u.staff AS staff, u.formal_members AS formal_members
ORDER BY id;

// unverified
// the base cannot be decided, or nobody knows whether an enterprise is 非公
UNWIND $bases AS base
MATCH (u:Unit)
WHERE u.listed AND u.staff >= $org_staff
  AND (base IN u.bases_undecided OR (base IN u.bases AND (u.kind = '企业' AND coalesce(u.ownership, '不明') = '不明')))
  AND (size($scope) = 0 OR EXISTS { MATCH (u)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
  AND NOT EXISTS {
    MATCH (o:PartyOrg)-[c:COVERS]->(u)
    WHERE o.listed AND c.valid_from <= $as_of AND $as_of <= c.valid_to
      AND NOT (coalesce(o.kind, '') IN $kinds_not_covering)
  }
RETURN DISTINCT u.id AS id, u.staff AS staff, u.formal_members AS formal_members, u.ownership AS ownership
ORDER BY id;
