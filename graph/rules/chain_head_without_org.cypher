// id: chain_head_without_org
// title: 链主未建组织
// severity: high
// subject: Unit
// meaning: 没有党组织覆盖的链主企业
// denominator: 两新组织中的链主企业
// basis:
//   - 宁乡、泾川、株洲产业链党委做法（链主带动）
// remedy: 按正式党员数单独组建或联合组建
// turns:
//   - {text: 有计入组织覆盖的党组织覆盖, link: COVERS, other: {PartyOrg: {kind: 支部}}}
// action: by_members
// facts:
//   chains: IndustryChain.name
// given: [as_of, kinds_not_covering]

// population
MATCH (u:Unit)-[l:LEADS_CHAIN]->(c:IndustryChain)
WHERE u.listed AND c.listed AND l.role = '链主' AND l.valid_from <= $as_of AND $as_of <= l.valid_to
  AND coalesce(u.ownership, '') <> '公有控股'
  AND NOT (coalesce(u.operating, '') IN ['停业', '注销', '吊销', '迁出'])
  AND (size($scope) = 0 OR EXISTS { MATCH (u)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
RETURN u.id AS id, collect(DISTINCT c.name) AS chains
ORDER BY id;

// finding
MATCH (u:Unit)-[l:LEADS_CHAIN]->(c:IndustryChain)
WHERE u.listed AND c.listed AND l.role = '链主' AND l.valid_from <= $as_of AND $as_of <= l.valid_to
  AND coalesce(u.ownership, '') <> '公有控股'
  AND NOT (coalesce(u.operating, '') IN ['停业', '注销', '吊销', '迁出'])
  AND (size($scope) = 0 OR EXISTS { MATCH (u)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
  AND NOT (u.kind = '企业' AND coalesce(u.ownership, '不明') = '不明')
  AND NOT EXISTS {
    MATCH (o:PartyOrg)-[v:COVERS]->(u)
    WHERE o.listed AND v.valid_from <= $as_of AND $as_of <= v.valid_to
      AND NOT (coalesce(o.kind, '') IN $kinds_not_covering)
  }
RETURN u.id AS id, u.formal_members AS formal_members, collect(DISTINCT c.name) AS chains
ORDER BY id;

// unverified
// nobody knows whether the enterprise is 非公
MATCH (u:Unit)-[l:LEADS_CHAIN]->(c:IndustryChain)
WHERE u.listed AND c.listed AND l.role = '链主' AND l.valid_from <= $as_of AND $as_of <= l.valid_to
  AND coalesce(u.ownership, '') <> '公有控股'
  AND NOT (coalesce(u.operating, '') IN ['停业', '注销', '吊销', '迁出'])
  AND (size($scope) = 0 OR EXISTS { MATCH (u)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
  AND (u.kind = '企业' AND coalesce(u.ownership, '不明') = '不明')
  AND NOT EXISTS {
    MATCH (o:PartyOrg)-[v:COVERS]->(u)
    WHERE o.listed AND v.valid_from <= $as_of AND $as_of <= v.valid_to
      AND NOT (coalesce(o.kind, '') IN $kinds_not_covering)
  }
RETURN u.id AS id, u.ownership AS ownership, collect(DISTINCT c.name) AS chains
ORDER BY id;
