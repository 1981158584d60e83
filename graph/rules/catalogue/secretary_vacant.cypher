// id: secretary_vacant
// title: 书记空缺
// severity: high
// subject: PartyOrg
// meaning: 党组织台账列有而没有书记的党组织（同一张台账的其他党组织填有书记的）
// denominator: 全部党组织
// basis:
//   - 《中国共产党支部工作条例（试行）》（书记出现空缺，及时补选）
//   - 《中国共产党基层组织选举工作条例》（2020）
// level: 党内法规
// remedy: 及时补选，或由上级党组织指派书记
// action: by_election

MATCH (o:PartyOrg)
WHERE o.listed
  AND (size($scope) = 0 OR EXISTS { MATCH (o)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
RETURN o.id AS id,
  CASE
    WHEN o.secretary IS NOT NULL THEN 'clear'
    // a blank is a vacancy only where the sheet that lists the organization tells the secretaries of others
    WHEN o.secretary_column THEN 'finding'
    // only a unit's row says that it exists, or its sheet has no secretary at all: the column is missing
    ELSE 'unverified'
  END AS verdict,
  o.kind AS kind, o.secretary AS secretary, o.secretary_column AS secretary_column
ORDER BY id;
