// id: org_should_stand_alone
// title: 应单独组建
// severity: warn
// subject: Unit
// meaning: 口径内正式党员{org_min_members}名以上、只由联合组建的党组织覆盖的单位
// denominator: 口径内正式党员{org_min_members}名以上、已有党组织覆盖的单位
// basis:
//   - 《中国共产党支部工作条例（试行）》第二章（党支部以单独组建为主）
// remedy: 指导单独成立党支部
// action: found_branch
// params:
//   org_min_members: {label: 应建党组织的正式党员数, default: 3, unit: 人}
// given: [bases, as_of, kinds_not_covering]

// population
UNWIND $bases AS base
MATCH (u:Unit)
WHERE u.listed AND u.formal_members >= $org_min_members
  AND (base IN u.bases OR base IN u.bases_undecided)
  AND (size($scope) = 0 OR EXISTS { MATCH (u)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
  AND EXISTS {
    MATCH (o:PartyOrg)-[c:COVERS]->(u)
    WHERE o.listed AND c.valid_from <= $as_of AND $as_of <= c.valid_to
      AND NOT (coalesce(o.kind, '') IN $kinds_not_covering)
  }
RETURN DISTINCT u.id AS id, u.formal_members AS formal_members
ORDER BY id;

// finding
// a 联合支部 is a joint one even where nobody wrote how it was founded
UNWIND $bases AS base
MATCH (u:Unit)
WHERE u.listed AND u.formal_members >= $org_min_members
  AND base IN u.bases
  AND (size($scope) = 0 OR EXISTS { MATCH (u)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
  AND EXISTS {
    MATCH (o:PartyOrg)-[c:COVERS]->(u)
    WHERE o.listed AND c.valid_from <= $as_of AND $as_of <= c.valid_to
      AND NOT (coalesce(o.kind, '') IN $kinds_not_covering)
  }
  AND NOT EXISTS {
    MATCH (o:PartyOrg)-[c:COVERS]->(u)
    WHERE o.listed AND c.valid_from <= $as_of AND $as_of <= c.valid_to
      AND NOT (coalesce(o.kind, '') IN $kinds_not_covering)
      AND c.mode = '单独'
  }
  AND NOT EXISTS {
    MATCH (o:PartyOrg)-[c:COVERS]->(u)
    WHERE o.listed AND c.valid_from <= $as_of AND $as_of <= c.valid_to
      AND NOT (coalesce(o.kind, '') IN $kinds_not_covering)
      AND c.mode IS NULL AND coalesce(o.kind, '') <> '联合支部'
  }
RETURN DISTINCT u.id AS id, u.formal_members AS formal_members
ORDER BY id;

// unverified
// nobody knows how it was founded, or whether the unit is in the base
UNWIND $bases AS base
MATCH (u:Unit)
WHERE u.listed AND u.formal_members >= $org_min_members
  AND (base IN u.bases_undecided OR (base IN u.bases AND EXISTS {
    MATCH (o:PartyOrg)-[c:COVERS]->(u)
    WHERE o.listed AND c.valid_from <= $as_of AND $as_of <= c.valid_to
      AND NOT (coalesce(o.kind, '') IN $kinds_not_covering)
      AND c.mode IS NULL AND coalesce(o.kind, '') <> '联合支部'
  }))
  AND (size($scope) = 0 OR EXISTS { MATCH (u)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
  AND EXISTS {
    MATCH (o:PartyOrg)-[c:COVERS]->(u)
    WHERE o.listed AND c.valid_from <= $as_of AND $as_of <= c.valid_to
      AND NOT (coalesce(o.kind, '') IN $kinds_not_covering)
  }
  AND NOT EXISTS {
    MATCH (o:PartyOrg)-[c:COVERS]->(u)
    WHERE o.listed AND c.valid_from <= $as_of AND $as_of <= c.valid_to
      AND NOT (coalesce(o.kind, '') IN $kinds_not_covering)
      AND c.mode = '单独'
  }
RETURN DISTINCT u.id AS id, u.formal_members AS formal_members
ORDER BY id;
