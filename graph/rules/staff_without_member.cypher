// id: staff_without_member
// title: 五十人以上无党员
// severity: medium
// subject: Unit
// meaning: 口径内从业人数{member_staff}人以上、没有党员的单位（未转入的党员也算有）
// denominator: 口径内从业人数{member_staff}人以上的单位
// basis:
//   - 邵阳市“六个100%”（2017），地方做法
// remedy: 选派党建指导员，先建工会、共青团、妇联，培养发展党员
// action: assign_officer
// params:
//   member_staff: {label: 应有党员的从业人数, default: 50, unit: 人}
// given: [bases]

// population
UNWIND $bases AS base
MATCH (u:Unit)
WHERE u.listed AND u.staff >= $member_staff
  AND (base IN u.bases OR base IN u.bases_undecided)
  AND (size($scope) = 0 OR EXISTS { MATCH (u)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
RETURN DISTINCT u.id AS id, u.staff AS staff, u.formal_members AS formal_members, u.formal_and_probationary AS formal_and_probationary, u.members AS members, u.members_elsewhere AS members_elsewhere
ORDER BY id;

// finding
UNWIND $bases AS base
MATCH (u:Unit)
WHERE u.listed AND u.staff >= $member_staff
  AND base IN u.bases
  AND NOT (u.kind = '企业' AND coalesce(u.ownership, '不明') = '不明')
  AND (size($scope) = 0 OR EXISTS { MATCH (u)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
  AND NOT (coalesce(u.formal_members, 0) > 0 OR coalesce(u.formal_and_probationary, 0) > 0 OR coalesce(u.members, 0) > 0 OR coalesce(u.members_elsewhere, 0) > 0)
  AND NOT (u.formal_members IS NULL AND u.formal_and_probationary IS NULL AND u.members IS NULL)
RETURN DISTINCT u.id AS id, u.staff AS staff, u.formal_members AS formal_members, u.formal_and_probationary AS formal_and_probationary, u.members AS members, u.members_elsewhere AS members_elsewhere
ORDER BY id;

// unverified
// no count at all, or none above 0 where base or ownership is not known
UNWIND $bases AS base
MATCH (u:Unit)
WHERE u.listed AND u.staff >= $member_staff
  AND NOT (coalesce(u.formal_members, 0) > 0 OR coalesce(u.formal_and_probationary, 0) > 0 OR coalesce(u.members, 0) > 0 OR coalesce(u.members_elsewhere, 0) > 0)
  AND (base IN u.bases_undecided OR (base IN u.bases AND ((u.formal_members IS NULL AND u.formal_and_probationary IS NULL AND u.members IS NULL) OR (u.kind = '企业' AND coalesce(u.ownership, '不明') = '不明'))))
  AND (size($scope) = 0 OR EXISTS { MATCH (u)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
RETURN DISTINCT u.id AS id, u.staff AS staff, u.formal_members AS formal_members, u.formal_and_probationary AS formal_and_probationary, u.members AS members, u.members_elsewhere AS members_elsewhere, u.ownership AS ownership
ORDER BY id;
