// id: chain_head_without_org
// title: 链主未建组织
// severity: medium
// subject: Unit
// meaning: 没有党组织覆盖的链主企业
// denominator: 两新组织中的链主企业
// basis:
//   - 宁乡、泾川、株洲产业链党委做法（链主带动）
// level: 地方做法
// remedy: 正式党员3名以上的单独组建，不足3名的联合组建，没有党员的先派指导员、先建群团
// turns:
//   - {text: 有计入组织覆盖的党组织覆盖, link: COVERS, other: {PartyOrg: {kind: 支部}}}
// action: by_members
// facts:
//   chains: {label: 产业链, type: strings}
//   organized: {label: 有计入组织覆盖的党组织覆盖, type: boolean, via: COVERS}
//   ownership_unknown: {label: 企业所有制不明, type: boolean}
// given: [as_of, kinds_not_covering]
// unverified_facts: [ownership]

// where nobody knows whether the enterprise is 非公, it is 待核实
MATCH (u:Unit)-[l:LEADS_CHAIN]->(c:IndustryChain)
WHERE u.listed AND c.listed AND l.role = '链主' AND l.valid_from <= $as_of AND $as_of <= l.valid_to
  AND coalesce(u.ownership, '') <> '公有控股'
  AND NOT (coalesce(u.operating, '') IN ['停业', '注销', '吊销', '迁出'])
  AND (size($scope) = 0 OR EXISTS { MATCH (u)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
WITH u, collect(DISTINCT c.name) AS chains
WITH u, chains,
  u.kind = '企业' AND coalesce(u.ownership, '不明') = '不明' AS ownership_unknown,
  EXISTS {
    MATCH (o:PartyOrg)-[v:COVERS]->(u)
    WHERE o.listed AND v.valid_from <= $as_of AND $as_of <= v.valid_to
      AND NOT (coalesce(o.kind, '') IN $kinds_not_covering)
  } AS organized
RETURN u.id AS id,
  CASE
    WHEN organized THEN 'clear'
    WHEN ownership_unknown THEN 'unverified'
    WHEN NOT ownership_unknown THEN 'finding'
    ELSE 'clear'
  END AS verdict,
  u.formal_members AS formal_members, chains AS chains, u.ownership AS ownership,
  organized AS organized, ownership_unknown AS ownership_unknown
ORDER BY id;
