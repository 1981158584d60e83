// id: branch_oversize
// title: 支部超员
// severity: warn
// subject: PartyOrg
// meaning: 正式党员和预备党员合计多于{branch_max_members}名的党支部、联合党支部
// denominator: 党支部、联合党支部
// basis:
//   - 《中国共产党支部工作条例（试行）》第二章（党支部党员人数一般不超过50人）
// remedy: 分设党支部，或升格为党总支
// action: split
// params:
//   branch_max_members: {label: 党支部党员数上限, default: 50, unit: 人}

// population
MATCH (o:PartyOrg)
WHERE o.listed AND coalesce(o.kind, '支部') IN ['支部', '联合支部']
  AND (size($scope) = 0 OR EXISTS { MATCH (o)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
RETURN o.id AS id, o.kind AS kind, o.formal_members AS formal_members, o.probationary_members AS probationary_members
ORDER BY id;

// finding
// 正式党员 alone may be too many already
MATCH (o:PartyOrg)
WHERE o.listed AND coalesce(o.kind, '支部') IN ['支部', '联合支部']
  AND (size($scope) = 0 OR EXISTS { MATCH (o)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
  AND o.kind IS NOT NULL AND o.formal_members + coalesce(o.probationary_members, 0) > $branch_max_members
RETURN o.id AS id, o.kind AS kind, o.formal_members AS formal_members, o.probationary_members AS probationary_members
ORDER BY id;

// unverified
// a count is blank and the other alone does not decide, or the kind is not known
MATCH (o:PartyOrg)
WHERE o.listed AND coalesce(o.kind, '支部') IN ['支部', '联合支部']
  AND (size($scope) = 0 OR EXISTS { MATCH (o)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
  AND (
    o.formal_members IS NULL
    OR (o.probationary_members IS NULL AND o.formal_members <= $branch_max_members)
    OR (o.kind IS NULL AND o.formal_members + coalesce(o.probationary_members, 0) > $branch_max_members)
  )
RETURN o.id AS id, o.kind AS kind, o.formal_members AS formal_members, o.probationary_members AS probationary_members
ORDER BY id;
