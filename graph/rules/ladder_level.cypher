// id: ladder_level
// title: 设置层级
// severity: suggest
// subject: PartyOrg
// meaning: 单个单位的党组织，正式党员和预备党员合计多于{branch_max_members}名仍设党支部，或多于{general_branch_max_members}名仍设党支部、党总支
// denominator: 只覆盖一家单位的党支部、党总支、党委（产业链、综合、行业党委不计）
// basis:
//   - 《中国共产党章程》第三十条（根据工作需要和党员人数，经上级党组织批准）
// remedy: 报上级党组织批准，升格为党总支或党委
// action: raise
// params:
//   branch_max_members: {label: 党支部党员数上限, default: 50, unit: 人}
//   general_branch_max_members: {label: 党总支党员数上限, default: 100, unit: 人}
// given: [as_of]

// population
MATCH (o:PartyOrg)-[c:COVERS]->(u:Unit)
WHERE o.listed AND coalesce(o.kind, '支部') IN ['支部', '总支', '党委']
  AND u.listed AND c.valid_from <= $as_of AND $as_of <= c.valid_to
  AND (size($scope) = 0 OR EXISTS { MATCH (o)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
  AND NOT EXISTS {
    MATCH (o)-[j:COVERS]->(x:Unit)
    WHERE x.listed AND j.valid_from <= $as_of AND $as_of <= j.valid_to AND j.mode = '联合'
  }
WITH o, count(DISTINCT u.id) AS units
WHERE units = 1
RETURN o.id AS id, o.kind AS kind, o.formal_members AS formal_members, o.probationary_members AS probationary_members
ORDER BY id;

// finding
// 正式党员 alone may be too many already
MATCH (o:PartyOrg)-[c:COVERS]->(u:Unit)
WHERE o.listed AND coalesce(o.kind, '支部') IN ['支部', '总支', '党委']
  AND u.listed AND c.valid_from <= $as_of AND $as_of <= c.valid_to
  AND (size($scope) = 0 OR EXISTS { MATCH (o)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
  AND NOT EXISTS {
    MATCH (o)-[j:COVERS]->(x:Unit)
    WHERE x.listed AND j.valid_from <= $as_of AND $as_of <= j.valid_to AND j.mode = '联合'
  }
WITH o, count(DISTINCT u.id) AS units
WHERE units = 1
  AND (
    (o.kind = '支部' AND o.formal_members + coalesce(o.probationary_members, 0) > $branch_max_members)
    OR (o.kind IN ['支部', '总支'] AND o.formal_members + coalesce(o.probationary_members, 0) > $general_branch_max_members)
  )
RETURN o.id AS id, o.kind AS kind, o.formal_members AS formal_members, o.probationary_members AS probationary_members
ORDER BY id;

// unverified
// a count is blank and the other alone does not decide, or the kind is not known
MATCH (o:PartyOrg)-[c:COVERS]->(u:Unit)
WHERE o.listed AND coalesce(o.kind, '支部') IN ['支部', '总支', '党委']
  AND u.listed AND c.valid_from <= $as_of AND $as_of <= c.valid_to
  AND (size($scope) = 0 OR EXISTS { MATCH (o)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
  AND NOT EXISTS {
    MATCH (o)-[j:COVERS]->(x:Unit)
    WHERE x.listed AND j.valid_from <= $as_of AND $as_of <= j.valid_to AND j.mode = '联合'
  }
WITH o, count(DISTINCT u.id) AS units
WHERE units = 1
  AND coalesce(o.kind, '支部') <> '党委'
  AND (
    o.formal_members IS NULL
    OR (o.probationary_members IS NULL AND coalesce(o.kind, '支部') = '支部' AND o.formal_members <= $branch_max_members)
    OR (o.probationary_members IS NULL AND o.kind = '总支' AND o.formal_members <= $general_branch_max_members)
    OR (o.kind IS NULL AND o.formal_members + coalesce(o.probationary_members, 0) > $branch_max_members)
  )
RETURN o.id AS id, o.kind AS kind, o.formal_members AS formal_members, o.probationary_members AS probationary_members
ORDER BY id;
