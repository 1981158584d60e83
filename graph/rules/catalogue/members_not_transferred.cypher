// id: members_not_transferred
// title: 具备转接组建条件
// severity: suggest
// subject: Unit
// meaning: 口径内正式党员不足{org_min_members}名，连同未转入组织关系的党员达到{org_min_members}名，而没有党组织覆盖的单位
// denominator: 口径内正式党员不足{org_min_members}名，连同未转入组织关系的党员达到{org_min_members}名的单位（两个数有一个未填的也在内）
// basis:
//   - 《中国共产党党员教育管理工作条例》第二十五条（所在单位没有建立党组织的，组织关系一般转到居住地或者园区、楼宇等的党组织）
// level: 党内法规
// remedy: 转接组织关系后成立党支部
// action: transfer
// params:
//   org_min_members: {label: 应建党组织的正式党员数, default: 3, unit: 人}
// facts:
//   formal_known: {label: 可以确定的正式党员数, type: integer, unit: 人, sensitivity: members, listed: false}
//   members_in_all: {label: 连同未转入的党员数, type: integer, unit: 人, sensitivity: members, listed: false}
//   organized: {label: 有计入组织覆盖的党组织覆盖, type: boolean, via: COVERS}
//   in_base: {label: 确定在口径内, type: boolean}
//   ownership_unknown: {label: 企业所有制不明, type: boolean}
// given: [bases, as_of, kinds_not_covering]
// unverified_facts: [ownership]

// a count of 0 among wider counts says that there is no 正式党员 either
// where one of the two counts is blank (many ledgers have no column for the second), or base or ownership is not known,
// it is 待核实
UNWIND $bases AS base
MATCH (u:Unit)
WHERE u.listed
  AND (base IN u.bases OR base IN u.bases_undecided)
  AND (size($scope) = 0 OR EXISTS { MATCH (u)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
WITH u, base IN u.bases AS in_base, u.members_elsewhere AS elsewhere,
  coalesce(u.formal_members, CASE WHEN u.formal_and_probationary = 0 OR u.members = 0 THEN 0 ELSE NULL END) AS formal
WHERE coalesce(formal, 0) < $org_min_members
  AND (formal IS NULL OR elsewhere IS NULL OR formal + elsewhere >= $org_min_members)
WITH u, u.formal_members AS formal_members, elsewhere, u.ownership AS ownership, formal, formal + elsewhere AS in_all, in_base,
  u.kind = '企业' AND coalesce(u.ownership, '不明') = '不明' AS ownership_unknown,
  EXISTS {
    MATCH (o:PartyOrg)-[c:COVERS]->(u)
    WHERE o.listed AND c.valid_from <= $as_of AND $as_of <= c.valid_to
      AND NOT (coalesce(o.kind, '') IN $kinds_not_covering)
  } AS organized
RETURN u.id AS id,
  CASE
    WHEN organized THEN 'clear'
    WHEN in_base AND NOT ownership_unknown AND in_all >= $org_min_members THEN 'finding'
    ELSE 'unverified'
  END AS verdict,
  formal_members AS formal_members, elsewhere AS members_elsewhere, ownership AS ownership,
  formal AS formal_known, in_all AS members_in_all,
  organized AS organized, in_base AS in_base, ownership_unknown AS ownership_unknown
ORDER BY id;
