// id: party_staff_missing
// title: 未配专（兼）职党务工作者
// severity: suggest
// subject: Unit
// meaning: 在孵、正式党员达到本地规定人数，而没有专（兼）职党务工作者的单位（本地没有规定人数的不查）
// denominator: 在孵、正式党员{party_staff_min_members}名以上的单位
// basis:
//   - 泾川两新组织党建孵化做法
// level: 地方做法
// remedy: 明确专职或兼职党务工作者
// action: appoint
// params:
//   party_staff_min_members: {label: 应配党务工作者的正式党员数（0为不查）, default: 0, unit: 人}

// a blank count of members may be as many as the county asks for
// where nobody has said how many do party work, or how many members there are while nobody does, it is 待核实
MATCH (u:Unit)
WHERE u.listed AND coalesce(u.incubated, false) AND $party_staff_min_members > 0
  AND (u.formal_members IS NULL OR u.formal_members >= $party_staff_min_members)
  AND (size($scope) = 0 OR EXISTS { MATCH (u)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
RETURN u.id AS id,
  CASE
    WHEN u.formal_members IS NOT NULL AND u.party_staff = 0 THEN 'finding'
    WHEN u.party_staff IS NULL OR u.party_staff = 0 THEN 'unverified'
    ELSE 'clear'
  END AS verdict,
  u.formal_members AS formal_members, u.party_staff AS party_staff
ORDER BY id;
