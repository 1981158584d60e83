// id: secretary_vacant
// title: 书记空缺
// severity: high
// subject: PartyOrg
// meaning: 党组织台账列有而没有书记的党组织（同一区划的其他党组织填有书记的）
// denominator: 全部党组织
// basis:
//   - 《中国共产党支部工作条例（试行）》（书记出现空缺，及时补选）
// remedy: 及时补选或任命书记
// action: by_election

// population
MATCH (o:PartyOrg)
WHERE o.listed
  AND (size($scope) = 0 OR EXISTS { MATCH (o)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
RETURN o.id AS id, o.kind AS kind, o.secretary AS secretary
ORDER BY id;

// finding
// a blank is a vacancy only where the ledger that lists the organization tells the secretaries of others
MATCH (p:PartyOrg)-[:LOCATED_IN]->(k:Region)
WHERE p.listed AND NOT coalesce(p.stated, false) AND p.secretary IS NOT NULL
WITH collect(DISTINCT k.id) AS told
MATCH (o:PartyOrg)-[:LOCATED_IN]->(home:Region)
WHERE o.listed AND o.secretary IS NULL AND NOT coalesce(o.stated, false) AND home.id IN told
  AND (size($scope) = 0 OR EXISTS { MATCH (o)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
RETURN o.id AS id, o.kind AS kind, o.secretary AS secretary
ORDER BY id;

// unverified
// only a unit's row says that it exists, or no organization of the division has a secretary: the column is missing
MATCH (p:PartyOrg)-[:LOCATED_IN]->(k:Region)
WHERE p.listed AND NOT coalesce(p.stated, false) AND p.secretary IS NOT NULL
WITH collect(DISTINCT k.id) AS told
MATCH (o:PartyOrg)-[:LOCATED_IN]->(home:Region)
WHERE o.listed AND o.secretary IS NULL AND (coalesce(o.stated, false) OR NOT (home.id IN told))
  AND (size($scope) = 0 OR EXISTS { MATCH (o)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
RETURN o.id AS id, o.kind AS kind, o.secretary AS secretary
ORDER BY id;
