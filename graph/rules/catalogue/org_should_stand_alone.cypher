// id: org_should_stand_alone
// title: 应单独组建
// severity: warn
// subject: Unit
// meaning: 口径内正式党员{org_min_members}名以上、只由联合组建的党组织覆盖的单位
// denominator: 口径内正式党员{org_min_members}名以上、已有党组织覆盖的单位
// basis:
//   - 《中国共产党支部工作条例（试行）》第二章（党支部以单独组建为主）
// level: 党内法规
// remedy: 指导单独成立党支部
// action: found_branch
// params:
//   org_min_members: {label: 应建党组织的正式党员数, default: 3, unit: 人}
// facts:
//   stands_alone: {label: 有单独组建的党组织覆盖, type: boolean, via: COVERS}
//   founding_unknown: {label: 有党组织未填组建方式, type: boolean}
//   in_base: {label: 确定在口径内, type: boolean}
// given: [bases, as_of, kinds_not_covering]

// a 联合支部 is a joint one even where nobody wrote how it was founded
// where nobody knows how it was founded, or whether the unit is in the base, it is 待核实
UNWIND $bases AS base
MATCH (o:PartyOrg)-[c:COVERS]->(u:Unit)
WHERE u.listed AND u.formal_members >= $org_min_members
  AND (base IN u.bases OR base IN u.bases_undecided)
  AND (size($scope) = 0 OR EXISTS { MATCH (u)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
  AND o.listed AND c.valid_from <= $as_of AND $as_of <= c.valid_to
  AND NOT (coalesce(o.kind, '') IN $kinds_not_covering)
WITH u, base, sum(CASE WHEN c.mode = '单独' THEN 1 ELSE 0 END) > 0 AS stands_alone,
  sum(CASE WHEN c.mode IS NULL AND coalesce(o.kind, '') <> '联合支部' THEN 1 ELSE 0 END) > 0 AS founding_unknown
WITH u, u.formal_members AS formal_members, stands_alone, founding_unknown, base IN u.bases AS in_base
RETURN u.id AS id,
  CASE WHEN stands_alone THEN 'clear' WHEN in_base AND NOT founding_unknown THEN 'finding' ELSE 'unverified' END AS verdict,
  formal_members AS formal_members,
  stands_alone AS stands_alone, founding_unknown AS founding_unknown, in_base AS in_base
ORDER BY id;
