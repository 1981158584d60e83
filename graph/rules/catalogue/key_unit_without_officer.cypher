// id: key_unit_without_officer
// title: 重点未派驻
// severity: high
// subject: Unit
// meaning: 没有在岗指导员（未派驻，或派驻到期未续派）的规上企业、重点社会组织和其他重点单位
// denominator: 口径内的规上企业、重点社会组织和其他重点单位
// basis:
//   - 宁乡做法：240名党建指导员联系466家单位，规上企业和重点社会组织派驻全覆盖
// level: 地方做法
// remedy: 选派党建指导员
// turns:
//   - {text: 有在岗的指导员联系, link: GUIDES, other: {GuidanceOfficer: {role: 指导员}}, edge: {role: 指导员}}
// action: assign_officer
// params:
//   officer_roles: {label: 计为派驻的角色, default: [指导员]}
// facts:
//   posting: {label: 派驻情况, type: string}
//   guided: {label: 有在岗的指导员联系, type: boolean, via: GUIDES}
//   officer_named: {label: 台账写有指导员或联络员姓名, type: boolean}
//   in_base: {label: 确定在口径内, type: boolean}
// given: [bases, as_of, posting_since, duties_gone]

// full posting to 规上 and 重点 is what the office is judged by: high, though it rests on local practice
// where the ledger says that someone was sent and names nobody, or the base cannot be decided, it is 待核实
UNWIND $bases AS base
MATCH (u:Unit)
WHERE u.listed AND ('规上企业' IN u.bases OR coalesce(u.key_unit, false))
  AND (base IN u.bases OR base IN u.bases_undecided)
  AND (size($scope) = 0 OR EXISTS { MATCH (u)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
WITH u, u.above_scale AS above_scale, u.key_unit AS key_unit, u.has_officer AS has_officer, base IN u.bases AS in_base,
  EXISTS {
    MATCH (o:GuidanceOfficer)-[e:GUIDES]->(u)
    WHERE o.listed AND NOT (coalesce(o.duty, '') IN $duties_gone)
      AND coalesce(e.role, o.role, '指导员') IN $officer_roles AND e.valid_to < $posting_since
  } AS lapsed,
  EXISTS {
    MATCH (o:GuidanceOfficer)-[g:GUIDES]->(u)
    WHERE o.listed AND NOT (coalesce(o.duty, '') IN $duties_gone)
      AND coalesce(g.role, o.role, '指导员') IN $officer_roles
      AND g.valid_from <= $as_of AND $posting_since <= g.valid_to
  } AS guided,
  EXISTS {
    MATCH (o:GuidanceOfficer)-[g:GUIDES]->(u)
    WHERE coalesce(g.role, o.role, '指导员') IN ['指导员', '联络员']
  } AS officer_named
RETURN u.id AS id,
  CASE
    WHEN guided THEN 'clear'
    WHEN in_base AND (NOT coalesce(has_officer, false) OR officer_named) THEN 'finding'
    ELSE 'unverified'
  END AS verdict,
  above_scale AS above_scale, key_unit AS key_unit, has_officer AS has_officer,
  // past its grace a posting is over: the unit has none, for another reason than one that nobody was ever sent to
  CASE
    WHEN guided THEN '在岗'
    WHEN lapsed THEN '到期未续派'
    WHEN has_officer AND NOT officer_named THEN '台账所述'
    ELSE '未派驻'
  END AS posting,
  guided AS guided, officer_named AS officer_named, in_base AS in_base
ORDER BY id;
