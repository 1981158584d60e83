// id: branch_oversize
// title: 支部超员
// severity: warn
// subject: PartyOrg
// meaning: 正式党员和预备党员合计多于{branch_max_members}名的党支部、联合党支部
// denominator: 党支部、联合党支部
// basis:
//   - 《中国共产党支部工作条例（试行）》第二章（党支部党员人数一般不超过50人）
// level: 党内法规
// remedy: 分设党支部，或升格为党总支
// action: split
// params:
//   branch_max_members: {label: 党支部党员数上限, default: 50, unit: 人}
// facts:
//   members_counted: {label: 已填党员合计, type: integer, unit: 人, sensitivity: members, listed: false}

// 正式党员 alone may be too many already
MATCH (o:PartyOrg)
WHERE o.listed AND coalesce(o.kind, '支部') IN ['支部', '联合支部']
  AND (size($scope) = 0 OR EXISTS { MATCH (o)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
WITH o, o.formal_members + coalesce(o.probationary_members, 0) AS members_counted
RETURN o.id AS id,
  CASE
    WHEN o.kind IS NOT NULL AND members_counted > $branch_max_members THEN 'finding'
    // a count is blank and the other alone does not decide, or the kind is not known
    WHEN o.formal_members IS NULL OR members_counted > $branch_max_members OR o.probationary_members IS NULL THEN 'unverified'
    ELSE 'clear'
  END AS verdict,
  o.kind AS kind, o.formal_members AS formal_members, o.probationary_members AS probationary_members,
  members_counted AS members_counted
ORDER BY id;
