// id: staff_without_member
// title: 五十人以上无党员
// severity: medium
// subject: Unit
// meaning: 口径内从业人数{member_staff}人以上、没有党员的单位（预备党员和未转入的党员也算有）
// denominator: 口径内从业人数{member_staff}人以上的单位
// basis:
//   - 邵阳市“六个100%”（2017），地方做法
// level: 地方做法
// remedy: 选派党建指导员，先建工会、共青团、妇联，培养发展党员
// action: assign_officer
// params:
//   member_staff: {label: 应有党员的从业人数, default: 50, unit: 人}
// facts:
//   has_members: {label: 有党员, type: boolean, sensitivity: members}
//   members_uncounted: {label: 党员数都未填, type: boolean}
//   in_base: {label: 确定在口径内, type: boolean}
//   ownership_unknown: {label: 企业所有制不明, type: boolean}
// given: [bases]
// unverified_facts: [ownership]

// where there is no count at all, or none above 0 while the base or the ownership is not known, it is 待核实
UNWIND $bases AS base
MATCH (u:Unit)
WHERE u.listed AND u.staff >= $member_staff
  AND (base IN u.bases OR base IN u.bases_undecided)
  AND (size($scope) = 0 OR EXISTS { MATCH (u)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
WITH u, u.staff AS staff, u.formal_members AS formal_members, u.formal_and_probationary AS formal_and_probationary,
  u.probationary_members AS probationary_members, u.members AS members, u.members_elsewhere AS members_elsewhere, u.ownership AS ownership, base IN u.bases AS in_base,
  u.kind = '企业' AND coalesce(u.ownership, '不明') = '不明' AS ownership_unknown,
  coalesce(u.formal_members, 0) > 0 OR coalesce(u.probationary_members, 0) > 0
    OR coalesce(u.formal_and_probationary, 0) > 0 OR coalesce(u.members, 0) > 0
    OR coalesce(u.members_elsewhere, 0) > 0 AS has_members,
  u.formal_members IS NULL AND u.formal_and_probationary IS NULL AND u.members IS NULL AS members_uncounted
RETURN u.id AS id,
  CASE
    WHEN has_members THEN 'clear'
    WHEN in_base AND NOT ownership_unknown AND NOT members_uncounted THEN 'finding'
    ELSE 'unverified'
  END AS verdict,
  staff AS staff, formal_members AS formal_members, probationary_members AS probationary_members,
  formal_and_probationary AS formal_and_probationary, members AS members, members_elsewhere AS members_elsewhere, ownership AS ownership,
  has_members AS has_members, members_uncounted AS members_uncounted, in_base AS in_base, ownership_unknown AS ownership_unknown
ORDER BY id;
