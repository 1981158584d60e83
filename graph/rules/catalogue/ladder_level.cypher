// id: ladder_level
// title: 设置层级
// severity: suggest
// subject: PartyOrg
// meaning: 单个单位的党组织，正式党员多于{branch_max_members}名仍设党支部，或多于{general_branch_max_members}名仍设党支部、党总支
// denominator: 只覆盖一家单位的党支部、党总支、党委（产业链、综合、行业党委不计）
// basis:
//   - 《浙江省非公有制企业党组织工作规定》（2012）第四、五条（正式党员50名、100名），地方做法；《中国共产党章程》第三十条没有写人数（根据工作需要和党员人数，经上级党组织批准）
// level: 地方做法
// remedy: 报上级党组织批准，升格为党总支或党委
// action: raise
// params:
//   branch_max_members: {label: 党支部党员数上限, default: 50, unit: 人}
//   general_branch_max_members: {label: 党总支党员数上限, default: 100, unit: 人}
// given: [as_of]

MATCH (o:PartyOrg)-[c:COVERS]->(u:Unit)
WHERE o.listed AND coalesce(o.kind, '支部') IN ['支部', '总支', '党委']
  AND u.listed AND c.valid_from <= $as_of AND $as_of <= c.valid_to
  AND (size($scope) = 0 OR EXISTS { MATCH (o)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
WITH o, count(DISTINCT u.id) AS units, count(CASE WHEN c.mode = '联合' THEN 1 END) AS jointly
WHERE units = 1 AND jointly = 0
WITH o, CASE WHEN o.kind = '总支' THEN $general_branch_max_members ELSE $branch_max_members END AS most
RETURN o.id AS id,
  CASE
    WHEN o.kind = '党委' THEN 'clear'
    WHEN o.kind IS NOT NULL AND (o.formal_members > most OR o.formal_members > $general_branch_max_members) THEN 'finding'
    // the count is blank, or the kind is not known
    WHEN o.formal_members IS NULL OR o.formal_members > most THEN 'unverified'
    ELSE 'clear'
  END AS verdict,
  o.kind AS kind, o.formal_members AS formal_members
ORDER BY id;
