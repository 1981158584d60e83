// id: hub_blank
// title: 楼宇商圈未建组织
// severity: medium
// subject: Region
// meaning: 没有本楼宇、商圈、市场的党组织（其中单位自己的党组织不算）
// denominator: 正式党员合计{hub_members}名以上（或单位数达到本地标准）的{hub_kinds}
// basis:
//   - 《中国共产党支部工作条例（试行）》第五条（专业市场、商业街区、商务楼宇）
// level: 党内法规
// remedy: 建立楼宇、商圈、市场党组织：正式党员{branch_max_members}名以内的设党支部（联合党支部覆盖单位一般不超过{joint_units}个，超过的分设），超过{branch_max_members}名的报上级党组织批准设党总支或党委
// action: by_place
// params:
//   hub_members: {label: 正式党员合计, default: 3, unit: 人}
//   hub_units: {label: 单位数达到即在内（0为不按单位数）, default: 0, unit: 家}
//   hub_kinds: {label: 区划类别, default: [楼宇, 商圈]}
//   branch_max_members: {label: 党支部党员数上限, default: 50, unit: 人}
//   joint_units: {label: 联合党支部覆盖单位数上限, default: 5, unit: 家}
// facts:
//   units: {label: 单位数, type: integer, unit: 家}
//   member_units: {label: 有正式党员的单位数, type: integer, unit: 家}
//   members: {label: 各单位正式党员合计, type: integer, unit: 人, sensitivity: members}
//   members_at_most: {label: 各单位正式党员至多, type: integer, unit: 人, sensitivity: members, listed: false}
//   proposed: {label: 宜设, type: string, sensitivity: members}
//   hub_organized: {label: 有本楼宇、商圈、市场的党组织, type: boolean}
// given: [as_of]

// an organization that covers one unit, without 组建方式, is the unit's own, unless it bears the name of the place
// a blank count of members may be as many as makes the place one of these
MATCH (u:Unit)-[:IN_PLACE]->(h:Region)
WHERE h.listed AND h.kind IN $hub_kinds AND u.listed AND coalesce(u.ownership, '') <> '公有控股'
  AND NOT (coalesce(u.operating, '') IN ['停业', '注销', '吊销', '迁出'])
  AND (size($scope) = 0 OR h.id IN $scope)
WITH h, count(DISTINCT u.id) AS units, count(DISTINCT CASE WHEN u.formal_members > 0 THEN u.id END) AS member_units,
  sum(coalesce(u.formal_members, 0)) AS members,
  sum(coalesce(u.formal_members, u.formal_and_probationary, u.members, $hub_members)) AS members_at_most
WHERE ($hub_units > 0 AND units >= $hub_units) OR members_at_most >= $hub_members
WITH h, units, member_units, members, members_at_most, EXISTS {
    MATCH (o:PartyOrg)-[:IN_PLACE]->(h)
    WHERE o.listed AND NOT EXISTS {
      MATCH (o)-[v:COVERS]->(:Unit)
      WHERE v.mode = '单独' AND v.valid_from <= $as_of AND $as_of <= v.valid_to
    } AND NOT (
      coalesce(o.kind, '支部') IN ['支部', '临时党支部', '总支', '党委']
      AND (o.legal_unit IS NOT NULL OR NOT (o.name STARTS WITH h.name))
      AND COUNT {
        MATCH (o)-[v:COVERS]->(w:Unit)
        WHERE v.mode IS NULL AND w.listed AND v.valid_from <= $as_of AND $as_of <= v.valid_to
      } = 1
    )
  } AS hub_organized
RETURN h.id AS id,
  CASE
    WHEN hub_organized THEN 'clear'
    WHEN ($hub_units > 0 AND units >= $hub_units) OR members >= $hub_members THEN 'finding'
    // as many 正式党员 only if those not filled in are
    ELSE 'unverified'
  END AS verdict,
  h.kind AS kind, units AS units, member_units AS member_units, members AS members, members_at_most AS members_at_most,
  // never one 支部 for more members than it may have, nor a 联合支部 for more units
  CASE
    WHEN members > $branch_max_members THEN '党总支或党委'
    WHEN member_units > $joint_units THEN '几个联合党支部'
    WHEN member_units > 1 THEN '联合党支部'
    WHEN members >= $hub_members THEN '党支部'
  END AS proposed,
  hub_organized AS hub_organized
ORDER BY id;
