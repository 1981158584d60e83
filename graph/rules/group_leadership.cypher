// id: group_leadership
// title: 联组组长
// severity: warn
// subject: JointGroup
// meaning: 组长单位不是1个、副组长单位不是2个，或没有专干的两新党组织联组
// denominator: 两新党组织联组
// basis:
//   - 东方红街道 东发〔2023〕33号
// remedy: 配齐组长、副组长和专干
// action: appoint
// facts:
//   heads: {label: 组长数, type: integer, unit: 个}
//   deputies: {label: 副组长数, type: integer, unit: 个}
//   unspecified: {label: 未填角色的成员数, type: integer, unit: 个}
// given: [as_of]

// population
MATCH (j:JointGroup)
WHERE j.listed
  AND (size($scope) = 0 OR EXISTS { MATCH (j)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
OPTIONAL MATCH (j)<-[m:GROUPED_IN]-(o:PartyOrg)
WHERE o.listed AND m.valid_from <= $as_of AND $as_of <= m.valid_to
WITH j,
  count(DISTINCT CASE WHEN m.role = '组长' THEN o.id ELSE NULL END) AS heads,
  count(DISTINCT CASE WHEN m.role = '副组长' THEN o.id ELSE NULL END) AS deputies,
  count(DISTINCT CASE WHEN m.role IS NULL THEN o.id ELSE NULL END) AS unspecified
RETURN j.id AS id, heads AS heads, deputies AS deputies, j.staff AS staff, unspecified AS unspecified
ORDER BY id;

// finding
// no 专干 is a vacancy only where other groups of the same division have theirs in the ledger
MATCH (j:JointGroup)
WHERE j.listed
  AND (size($scope) = 0 OR EXISTS { MATCH (j)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
OPTIONAL MATCH (j)<-[m:GROUPED_IN]-(o:PartyOrg)
WHERE o.listed AND m.valid_from <= $as_of AND $as_of <= m.valid_to
WITH j,
  count(DISTINCT CASE WHEN m.role = '组长' THEN o.id ELSE NULL END) AS heads,
  count(DISTINCT CASE WHEN m.role = '副组长' THEN o.id ELSE NULL END) AS deputies,
  count(DISTINCT CASE WHEN m.role IS NULL THEN o.id ELSE NULL END) AS unspecified
WHERE heads > 1 OR deputies > 2
  OR (unspecified = 0 AND (heads < 1 OR deputies < 2))
  OR (j.staff IS NULL AND EXISTS {
      MATCH (j)-[:LOCATED_IN]->(:Region)<-[:LOCATED_IN]-(k:JointGroup)
      WHERE k.listed AND k.staff IS NOT NULL
    })
RETURN j.id AS id, heads AS heads, deputies AS deputies, j.staff AS staff, unspecified AS unspecified
ORDER BY id;

// unverified
// a member without a role may be the one that is missing; a column that nobody filled says nothing
MATCH (j:JointGroup)
WHERE j.listed
  AND (size($scope) = 0 OR EXISTS { MATCH (j)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
OPTIONAL MATCH (j)<-[m:GROUPED_IN]-(o:PartyOrg)
WHERE o.listed AND m.valid_from <= $as_of AND $as_of <= m.valid_to
WITH j,
  count(DISTINCT CASE WHEN m.role = '组长' THEN o.id ELSE NULL END) AS heads,
  count(DISTINCT CASE WHEN m.role = '副组长' THEN o.id ELSE NULL END) AS deputies,
  count(DISTINCT CASE WHEN m.role IS NULL THEN o.id ELSE NULL END) AS unspecified
WHERE heads <= 1 AND deputies <= 2
  AND (
    (unspecified > 0 AND (heads < 1 OR deputies < 2))
    OR (j.staff IS NULL AND (unspecified > 0 OR (heads = 1 AND deputies = 2)))
  )
  AND NOT (j.staff IS NULL AND EXISTS {
      MATCH (j)-[:LOCATED_IN]->(:Region)<-[:LOCATED_IN]-(k:JointGroup)
      WHERE k.listed AND k.staff IS NOT NULL
    })
RETURN j.id AS id, heads AS heads, deputies AS deputies, j.staff AS staff, unspecified AS unspecified
ORDER BY id;
