// id: chain_unit_unlinked
// title: 链上党组织未联建
// severity: suggest
// subject: Unit
// meaning: 产业链已有党委，而链上企业自己的党组织既不隶属于它、也没有列为成员
// denominator: 有党委的产业链上、单独建有党组织的企业
// basis:
//   - 泾川做法（链结企业党组织）
// level: 地方做法
// remedy: 将企业党组织纳入产业链党委联建
// action: link
// params:
//   committee_roles: {label: 计为引领的角色, default: [产业链党委, 牵头部门党组织]}
// facts:
//   chains: {label: 产业链, type: strings}
//   organizations: {label: 党组织名称, type: strings}
//   linked: {label: 已与产业链党委联建, type: boolean}
// given: [as_of, kinds_not_covering]

// an organization is linked to a chain that it leads itself, or whose committee it is under or lists its unit
// the rows of a unit are one for what is linked and one for what is not
MATCH (c:IndustryChain)<-[l:LEADS_CHAIN]-(p:PartyOrg)
WHERE c.listed AND p.listed AND l.role IN $committee_roles AND l.valid_from <= $as_of AND $as_of <= l.valid_to
WITH DISTINCT c
MATCH (u:Unit)-[m:IN_CHAIN]->(c)
WHERE u.listed AND NOT (coalesce(u.operating, '') IN ['停业', '注销', '吊销', '迁出'])
  AND m.valid_from <= $as_of AND $as_of <= m.valid_to
  AND (size($scope) = 0 OR EXISTS { MATCH (u)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
WITH DISTINCT u, c
MATCH (o:PartyOrg)-[v:COVERS]->(u)
WHERE o.listed AND NOT (coalesce(o.kind, '') IN $kinds_not_covering)
  AND v.valid_from <= $as_of AND $as_of <= v.valid_to
  AND (v.mode = '单独' OR (v.mode IS NULL AND NOT EXISTS {
    MATCH (o)-[w:COVERS]->(other:Unit)
    WHERE other.listed AND other.id <> u.id AND w.valid_from <= $as_of AND $as_of <= w.valid_to
  }))
WITH DISTINCT u, o, c
WITH u, o, c,
  EXISTS { MATCH (o)-[n:LEADS_CHAIN]->(c) WHERE n.valid_from <= $as_of AND $as_of <= n.valid_to }
  OR EXISTS {
    MATCH (o)-[s:SUBORDINATE_TO]->(q:PartyOrg)-[k:LEADS_CHAIN]->(c)
    WHERE q.listed AND k.role IN $committee_roles AND s.valid_from <= $as_of AND $as_of <= s.valid_to
      AND k.valid_from <= $as_of AND $as_of <= k.valid_to
  }
  OR EXISTS {
    MATCH (u)<-[y:COVERS]-(q:PartyOrg)-[k:LEADS_CHAIN]->(c)
    WHERE q.listed AND q.kind IN ['产业链党委', '联盟党委'] AND k.role IN $committee_roles
      AND y.valid_from <= $as_of AND $as_of <= y.valid_to AND k.valid_from <= $as_of AND $as_of <= k.valid_to
  } AS linked
RETURN u.id AS id, CASE WHEN linked THEN 'clear' ELSE 'finding' END AS verdict,
  collect(DISTINCT o.name) AS organizations, collect(DISTINCT c.name) AS chains, linked AS linked
ORDER BY id;
