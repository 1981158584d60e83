// id: group_leadership
// title: 联组组长
// severity: warn
// subject: JointGroup
// meaning: 组长单位不是1个、副组长单位不是2个，或没有专干的两新党组织联组
// denominator: 两新党组织联组
// basis:
//   - 东方红街道 东发〔2023〕33号
// level: 地方做法
// remedy: 配齐组长、副组长和专干
// action: appoint
// facts:
//   heads: {label: 组长数, type: integer, unit: 个, via: GROUPED_IN}
//   deputies: {label: 副组长数, type: integer, unit: 个, via: GROUPED_IN}
//   unspecified: {label: 未填角色的成员数, type: integer, unit: 个, via: GROUPED_IN}
//   staff_in_division: {label: 同一区划有联组填有专干, type: boolean}
// given: [as_of]

MATCH (j:JointGroup)
WHERE j.listed
  AND (size($scope) = 0 OR EXISTS { MATCH (j)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
OPTIONAL MATCH (j)<-[m:GROUPED_IN]-(o:PartyOrg)
WHERE o.listed AND m.valid_from <= $as_of AND $as_of <= m.valid_to
WITH j,
  count(DISTINCT CASE WHEN m.role = '组长' THEN o.id ELSE NULL END) AS heads,
  count(DISTINCT CASE WHEN m.role = '副组长' THEN o.id ELSE NULL END) AS deputies,
  count(DISTINCT CASE WHEN m.role IS NULL THEN o.id ELSE NULL END) AS unspecified
WITH j, heads, deputies, unspecified, EXISTS {
    MATCH (j)-[:LOCATED_IN]->(:Region)<-[:LOCATED_IN]-(k:JointGroup)
    WHERE k.listed AND k.staff IS NOT NULL
  } AS staff_in_division
RETURN j.id AS id,
  CASE
    WHEN heads > 1 OR deputies > 2 THEN 'finding'
    // no 专干 is a vacancy only where other groups of the same division have theirs in the ledger
    WHEN j.staff IS NULL AND staff_in_division THEN 'finding'
    // a member without a role may be the one that is missing
    WHEN heads < 1 OR deputies < 2 THEN CASE WHEN unspecified = 0 THEN 'finding' ELSE 'unverified' END
    // a column that nobody filled says nothing
    WHEN j.staff IS NULL THEN 'unverified'
    ELSE 'clear'
  END AS verdict,
  heads AS heads, deputies AS deputies, j.staff AS staff, unspecified AS unspecified,
  staff_in_division AS staff_in_division
ORDER BY id;
