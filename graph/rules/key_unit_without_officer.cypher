// id: key_unit_without_officer
// title: 重点未派驻
// severity: high
// subject: Unit
// meaning: 没有在岗指导员的规上企业、重点社会组织和其他重点单位
// denominator: 口径内的规上企业、重点社会组织和其他重点单位
// basis:
//   - 宁乡做法：240名党建指导员联系466家单位，规上企业和重点社会组织派驻全覆盖
// remedy: 选派党建指导员
// turns:
//   - {text: 有在岗的指导员联系, link: GUIDES, other: {GuidanceOfficer: {role: 指导员}}, edge: {role: 指导员}}
// action: assign_officer
// params:
//   officer_roles: {label: 计为派驻的角色, default: [指导员]}
// given: [bases, as_of, posting_since, duties_gone]

// population
UNWIND $bases AS base
MATCH (u:Unit)
WHERE u.listed AND ('规上企业' IN u.bases OR coalesce(u.key_unit, false))
  AND (base IN u.bases OR base IN u.bases_undecided)
  AND (size($scope) = 0 OR EXISTS { MATCH (u)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
RETURN DISTINCT u.id AS id, u.above_scale AS above_scale, u.key_unit AS key_unit, u.has_officer AS has_officer
ORDER BY id;

// finding
UNWIND $bases AS base
MATCH (u:Unit)
WHERE u.listed AND ('规上企业' IN u.bases OR coalesce(u.key_unit, false))
  AND base IN u.bases
  AND (size($scope) = 0 OR EXISTS { MATCH (u)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
  AND (NOT coalesce(u.has_officer, false) OR EXISTS { MATCH (:GuidanceOfficer)-[:GUIDES]->(u) })
  AND NOT EXISTS {
    MATCH (o:GuidanceOfficer)-[g:GUIDES]->(u)
    WHERE o.listed AND NOT (coalesce(o.duty, '') IN $duties_gone)
      AND coalesce(g.role, o.role, '指导员') IN $officer_roles
      AND g.valid_from <= $as_of AND $posting_since <= g.valid_to
  }
RETURN DISTINCT u.id AS id, u.above_scale AS above_scale, u.key_unit AS key_unit, u.has_officer AS has_officer
ORDER BY id;

// unverified
// the ledger says that someone was sent and names nobody, or the base cannot be decided
UNWIND $bases AS base
MATCH (u:Unit)
WHERE u.listed AND ('规上企业' IN u.bases OR coalesce(u.key_unit, false))
  AND (
    base IN u.bases_undecided
    OR (base IN u.bases AND coalesce(u.has_officer, false) AND NOT EXISTS { MATCH (:GuidanceOfficer)-[:GUIDES]->(u) })
  )
  AND (size($scope) = 0 OR EXISTS { MATCH (u)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
  AND NOT EXISTS {
    MATCH (o:GuidanceOfficer)-[g:GUIDES]->(u)
    WHERE o.listed AND NOT (coalesce(o.duty, '') IN $duties_gone)
      AND coalesce(g.role, o.role, '指导员') IN $officer_roles
      AND g.valid_from <= $as_of AND $posting_since <= g.valid_to
  }
RETURN DISTINCT u.id AS id, u.above_scale AS above_scale, u.key_unit AS key_unit, u.has_officer AS has_officer
ORDER BY id;
