// id: chain_without_committee
// title: 产业链未建党委
// severity: suggest
// subject: IndustryChain
// meaning: 没有产业链党委或牵头部门党组织引领的重点产业链
// denominator: 本地重点产业链
// basis:
//   - 宁乡、泾川、株洲产业链党委做法
// level: 地方做法
// remedy: 建议成立产业链党委或明确牵头部门党组织
// turns:
//   - {text: 有产业链党委或牵头部门党组织引领, link: LEADS_CHAIN, other: {PartyOrg: {kind: 产业链党委}}, edge: {role: 产业链党委}}
// action: propose_committee
// params:
//   committee_roles: {label: 计为引领的角色, default: [产业链党委, 牵头部门党组织]}
// facts:
//   led: {label: 有党组织引领, type: boolean, via: LEADS_CHAIN}
// given: [as_of, key_chains]

MATCH (c:IndustryChain)
WHERE c.listed AND (coalesce(c.key_chain, false) OR c.name IN $key_chains)
  AND (size($scope) = 0 OR EXISTS { MATCH (c)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
WITH c, EXISTS {
    MATCH (o:PartyOrg)-[l:LEADS_CHAIN]->(c)
    WHERE o.listed AND l.role IN $committee_roles AND l.valid_from <= $as_of AND $as_of <= l.valid_to
  } AS led
RETURN c.id AS id, CASE WHEN led THEN 'clear' ELSE 'finding' END AS verdict,
  c.lead_department AS lead_department, led AS led
ORDER BY id;
