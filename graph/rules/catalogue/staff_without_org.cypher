// id: staff_without_org
// title: 百人以上未建党组织
// severity: medium
// subject: Unit
// meaning: 口径内从业人数{org_staff}人以上、没有党组织覆盖的单位
// denominator: 口径内从业人数{org_staff}人以上的单位
// basis:
//   - 邵阳市“六个100%”（2017），地方做法
// level: 地方做法
// remedy: 按党员数指导建立党组织：正式党员3名以上的成立党支部，不足3名的联合组建，没有党员的先派指导员、先建群团
// action: by_members
// params:
//   org_staff: {label: 应建党组织的从业人数, default: 100, unit: 人}
// facts:
//   organized: {label: 有计入组织覆盖的党组织覆盖, type: boolean, via: COVERS}
//   in_base: {label: 确定在口径内, type: boolean}
//   ownership_unknown: {label: 企业所有制不明, type: boolean}
// given: [bases, as_of, kinds_not_covering]
// unverified_facts: [ownership]

// where the base cannot be decided, or nobody knows whether an enterprise is 非公, it is 待核实
UNWIND $bases AS base
MATCH (u:Unit)
WHERE u.listed AND u.staff >= $org_staff
  AND (base IN u.bases OR base IN u.bases_undecided)
  AND (size($scope) = 0 OR EXISTS { MATCH (u)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
WITH u, u.staff AS staff, u.formal_members AS formal_members, u.ownership AS ownership, base IN u.bases AS in_base,
  u.kind = '企业' AND coalesce(u.ownership, '不明') = '不明' AS ownership_unknown,
  EXISTS {
    MATCH (o:PartyOrg)-[c:COVERS]->(u)
    WHERE o.listed AND c.valid_from <= $as_of AND $as_of <= c.valid_to
      AND NOT (coalesce(o.kind, '') IN $kinds_not_covering)
  } AS organized
RETURN u.id AS id,
  CASE WHEN organized THEN 'clear' WHEN in_base AND NOT ownership_unknown THEN 'finding' ELSE 'unverified' END AS verdict,
  staff AS staff, formal_members AS formal_members, ownership AS ownership,
  organized AS organized, in_base AS in_base, ownership_unknown AS ownership_unknown
ORDER BY id;
