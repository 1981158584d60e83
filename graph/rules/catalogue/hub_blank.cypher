// id: hub_blank
// title: 楼宇商圈未建组织
// severity: medium
// subject: Region
// meaning: 没有园区、楼宇、商圈党组织（其中单位自己的党组织不算）
// denominator: 正式党员合计{hub_members}人以上或单位{hub_units}家以上的园区、楼宇、商圈
// basis:
//   - 《中国共产党支部工作条例（试行）》第二章
// remedy: 建立园区、楼宇、商圈党组织
// action: found_branch
// params:
//   hub_members: {label: 正式党员合计, default: 3, unit: 人}
//   hub_units: {label: 单位数, default: 5, unit: 家}
// facts:
//   units: {label: 单位数, type: integer, unit: 家}
//   members: {label: 各单位正式党员合计, type: integer, unit: 人, sensitivity: members}
//   members_at_most: {label: 各单位正式党员至多, type: integer, unit: 人, sensitivity: members, listed: false}
//   hub_organized: {label: 有园区、楼宇、商圈党组织, type: boolean}
// given: [as_of]

// an organization that covers one unit, without 组建方式, is the unit's own, unless it bears the name of the place
// a blank count of members may be as many as makes the place one of these
MATCH (u:Unit)-[:IN_PLACE]->(h:Region)
WHERE h.listed AND h.kind IN ['园区', '楼宇', '商圈'] AND u.listed AND coalesce(u.ownership, '') <> '公有控股'
  AND NOT (coalesce(u.operating, '') IN ['停业', '注销', '吊销', '迁出'])
  AND (size($scope) = 0 OR h.id IN $scope)
WITH h, count(DISTINCT u.id) AS units, sum(coalesce(u.formal_members, 0)) AS members,
  sum(coalesce(u.formal_members, u.formal_and_probationary, u.members, $hub_members)) AS members_at_most
WHERE units >= $hub_units OR members_at_most >= $hub_members
WITH h, units, members, members_at_most, EXISTS {
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
    WHEN units >= $hub_units OR members >= $hub_members THEN 'finding'
    // fewer units, and as many 正式党员 only if those not filled in are
    ELSE 'unverified'
  END AS verdict,
  h.kind AS kind, units AS units, members AS members, members_at_most AS members_at_most, hub_organized AS hub_organized
ORDER BY id;
