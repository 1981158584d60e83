// id: coverage_blank
// title: 空白点
// severity: high
// subject: Unit
// meaning: 口径内没有党组织覆盖、也没有在岗指导员或联络员联系的单位
// denominator: 口径内的单位
// basis:
//   - 《关于加强和改进非公有制企业党的建设工作的意见（试行）》（中办发〔2012〕11号）
//   - 《关于加强社会组织党的建设工作的意见（试行）》（社会组织）
// level: 规范性文件
// remedy: 选派党建指导员或联络员
// turns:
//   - {text: 有在岗的指导员或联络员联系, link: GUIDES, other: {GuidanceOfficer: {role: 联络员}}, edge: {role: 联络员}}
//   - {text: 有计入组织覆盖的党组织覆盖, link: COVERS, other: {PartyOrg: {kind: 支部}}}
// action: assign_officer
// params:
//   work_roles: {label: 计入工作覆盖的角色, default: [指导员, 联络员]}
// facts:
//   organized: {label: 有计入组织覆盖的党组织覆盖, type: boolean, via: COVERS}
//   posting: {label: 派驻情况, type: string}
//   guided: {label: 有在岗的指导员或联络员联系, type: boolean, via: GUIDES}
//   officer_named: {label: 台账写有指导员或联络员姓名, type: boolean}
//   mass_organized: {label: 工会、共青团、妇联计为工作覆盖, type: boolean}
//   in_base: {label: 确定在口径内, type: boolean}
// given: [bases, as_of, posting_since, duties_gone, kinds_not_covering, broad_work_coverage]

// a ledger that says 是否选派=是 without naming anyone is evidence of its own; where officers of these roles are named,
// they decide
// where the base cannot be decided, it is 待核实
UNWIND $bases AS base
MATCH (u:Unit)
WHERE u.listed
  AND (base IN u.bases OR base IN u.bases_undecided)
  AND (size($scope) = 0 OR EXISTS { MATCH (u)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
WITH u, u.has_officer AS has_officer, u.formal_members AS formal_members, base IN u.bases AS in_base,
  EXISTS {
    MATCH (o:PartyOrg)-[c:COVERS]->(u)
    WHERE o.listed AND c.valid_from <= $as_of AND $as_of <= c.valid_to
      AND NOT (coalesce(o.kind, '') IN $kinds_not_covering)
  } AS organized,
  EXISTS {
    MATCH (o:GuidanceOfficer)-[e:GUIDES]->(u)
    WHERE o.listed AND NOT (coalesce(o.duty, '') IN $duties_gone)
      AND coalesce(e.role, o.role, '指导员') IN $work_roles AND e.valid_to < $posting_since
  } AS lapsed,
  EXISTS {
    MATCH (o:GuidanceOfficer)-[g:GUIDES]->(u)
    WHERE o.listed AND NOT (coalesce(o.duty, '') IN $duties_gone)
      AND coalesce(g.role, o.role, '指导员') IN $work_roles
      AND g.valid_from <= $as_of AND $posting_since <= g.valid_to
  } AS guided,
  EXISTS {
    MATCH (o:GuidanceOfficer)-[g:GUIDES]->(u)
    WHERE coalesce(g.role, o.role, '指导员') IN $work_roles
  } AS officer_named,
  $broad_work_coverage AND coalesce(u.trade_union OR u.youth_league OR u.women_federation, false) AS mass_organized
RETURN u.id AS id,
  CASE
    WHEN organized OR guided OR mass_organized OR (has_officer AND NOT officer_named) THEN 'clear'
    WHEN in_base THEN 'finding'
    ELSE 'unverified'
  END AS verdict,
  has_officer AS has_officer, formal_members AS formal_members,
  // past its grace a posting is over: the unit has none, for another reason than one that nobody was ever sent to
  CASE
    WHEN guided THEN '在岗'
    WHEN lapsed THEN '到期未续派'
    WHEN has_officer AND NOT officer_named THEN '台账所述'
    ELSE '未派驻'
  END AS posting,
  organized AS organized, guided AS guided, officer_named AS officer_named, mass_organized AS mass_organized, in_base AS in_base
ORDER BY id;
