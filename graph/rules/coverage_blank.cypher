// id: coverage_blank
// title: 空白点
// severity: high
// subject: Unit
// meaning: 口径内没有党组织覆盖、也没有在岗指导员或联络员联系的单位
// denominator: 口径内的单位
// basis:
//   - 中办发〔2012〕11号
//   - 《关于加强社会组织党的建设工作的意见（试行）》（社会组织）
// remedy: 选派党建指导员或联络员
// turns:
//   - {text: 有在岗的指导员或联络员联系, link: GUIDES, other: {GuidanceOfficer: {role: 联络员}}, edge: {role: 联络员}}
//   - {text: 有计入组织覆盖的党组织覆盖, link: COVERS, other: {PartyOrg: {kind: 支部}}}
// action: assign_officer
// params:
//   work_roles: {label: 计入工作覆盖的角色, default: [指导员, 联络员]}
// given: [bases, as_of, posting_since, duties_gone, kinds_not_covering, broad_work_coverage]

// population
UNWIND $bases AS base
MATCH (u:Unit)
WHERE u.listed AND (base IN u.bases OR base IN u.bases_undecided)
  AND (size($scope) = 0 OR EXISTS { MATCH (u)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
RETURN DISTINCT u.id AS id, u.has_officer AS has_officer
ORDER BY id;

// finding
// a ledger that says 是否选派=是 without naming anyone is evidence of its own; where officers are named, they decide
UNWIND $bases AS base
MATCH (u:Unit)
WHERE u.listed AND base IN u.bases
  AND (size($scope) = 0 OR EXISTS { MATCH (u)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
  AND NOT EXISTS {
    MATCH (o:PartyOrg)-[c:COVERS]->(u)
    WHERE o.listed AND c.valid_from <= $as_of AND $as_of <= c.valid_to
      AND NOT (coalesce(o.kind, '') IN $kinds_not_covering)
  }
  AND NOT EXISTS {
    MATCH (o:GuidanceOfficer)-[g:GUIDES]->(u)
    WHERE o.listed AND NOT (coalesce(o.duty, '') IN $duties_gone)
      AND coalesce(g.role, o.role, '指导员') IN $work_roles
      AND g.valid_from <= $as_of AND $posting_since <= g.valid_to
  }
  AND NOT (coalesce(u.has_officer, false) AND NOT EXISTS { MATCH (:GuidanceOfficer)-[:GUIDES]->(u) })
  AND NOT ($broad_work_coverage AND (
    coalesce(u.trade_union, false) OR coalesce(u.youth_league, false) OR coalesce(u.women_federation, false)
  ))
RETURN DISTINCT u.id AS id, u.has_officer AS has_officer, u.formal_members AS formal_members
ORDER BY id;

// unverified
// the base cannot be decided
UNWIND $bases AS base
MATCH (u:Unit)
WHERE u.listed AND base IN u.bases_undecided
  AND (size($scope) = 0 OR EXISTS { MATCH (u)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
  AND NOT EXISTS {
    MATCH (o:PartyOrg)-[c:COVERS]->(u)
    WHERE o.listed AND c.valid_from <= $as_of AND $as_of <= c.valid_to
      AND NOT (coalesce(o.kind, '') IN $kinds_not_covering)
  }
  AND NOT EXISTS {
    MATCH (o:GuidanceOfficer)-[g:GUIDES]->(u)
    WHERE o.listed AND NOT (coalesce(o.duty, '') IN $duties_gone)
      AND coalesce(g.role, o.role, '指导员') IN $work_roles
      AND g.valid_from <= $as_of AND $posting_since <= g.valid_to
  }
  AND NOT (coalesce(u.has_officer, false) AND NOT EXISTS { MATCH (:GuidanceOfficer)-[:GUIDES]->(u) })
  AND NOT ($broad_work_coverage AND (
    coalesce(u.trade_union, false) OR coalesce(u.youth_league, false) OR coalesce(u.women_federation, false)
  ))
RETURN DISTINCT u.id AS id, u.has_officer AS has_officer, u.formal_members AS formal_members
ORDER BY id;
