// id: branch_undersize
// title: 支部不足三人
// severity: medium
// subject: PartyOrg
// meaning: 正式党员不足{org_min_members}名的单独组建的党支部
// denominator: 覆盖着两新组织、不是联合组建的党支部
// basis:
//   - 《中国共产党支部工作条例（试行）》第二章（正式党员不足3人的，应当成立联合党支部）
// level: 党内法规
// remedy: 与邻近单位成立联合党支部
// action: joint_branch
// params:
//   org_min_members: {label: 应建党组织的正式党员数, default: 3, unit: 人}
// facts:
//   founded_alone: {label: 写明单独组建, type: boolean, via: COVERS}
// given: [as_of]

MATCH (o:PartyOrg)-[c:COVERS]->(u:Unit)
WHERE o.listed AND coalesce(o.kind, '支部') = '支部'
  AND u.listed AND c.valid_from <= $as_of AND $as_of <= c.valid_to
  AND (size($scope) = 0 OR EXISTS { MATCH (o)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
WITH o, count(CASE WHEN c.mode = '联合' THEN 1 END) AS jointly, count(CASE WHEN c.mode = '单独' THEN 1 END) > 0 AS founded_alone
WHERE jointly = 0
RETURN o.id AS id,
  CASE
    WHEN founded_alone AND o.formal_members < $org_min_members THEN 'finding'
    // the count is blank, or it is too small and nobody wrote that the branch was founded alone
    WHEN o.formal_members IS NULL OR o.formal_members < $org_min_members THEN 'unverified'
    ELSE 'clear'
  END AS verdict,
  o.kind AS kind, o.formal_members AS formal_members, founded_alone AS founded_alone
ORDER BY id;
