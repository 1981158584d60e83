// id: hub_without_center
// title: 无党群服务中心
// severity: suggest
// subject: Region
// meaning: 没有党群服务中心等阵地
// denominator: 正式党员合计{hub_members}名以上（或单位数达到本地标准）的{hub_kinds}
// basis:
//   - 浏阳做法（5个楼宇商圈党群服务中心）
// level: 地方做法
// remedy: 建设或共用党群服务中心
// action: build
// params:
//   hub_members: {label: 正式党员合计, default: 3, unit: 人}
//   hub_units: {label: 单位数达到即在内（0为不按单位数）, default: 0, unit: 家}
//   hub_kinds: {label: 区划类别, default: [楼宇, 商圈]}
// facts:
//   units: {label: 单位数, type: integer, unit: 家}
//   members: {label: 各单位正式党员合计, type: integer, unit: 人, sensitivity: members}
//   members_at_most: {label: 各单位正式党员至多, type: integer, unit: 人, sensitivity: members, listed: false}
//   has_center: {label: 有党群服务中心等阵地, type: boolean}

// a blank count of members may be as many as makes the place one of these
MATCH (u:Unit)-[:IN_PLACE]->(h:Region)
WHERE h.listed AND h.kind IN $hub_kinds AND u.listed AND coalesce(u.ownership, '') <> '公有控股'
  AND NOT (coalesce(u.operating, '') IN ['停业', '注销', '吊销', '迁出'])
  AND (size($scope) = 0 OR h.id IN $scope)
WITH h, count(DISTINCT u.id) AS units, sum(coalesce(u.formal_members, 0)) AS members,
  sum(coalesce(u.formal_members, u.formal_and_probationary, u.members, $hub_members)) AS members_at_most
WHERE ($hub_units > 0 AND units >= $hub_units) OR members_at_most >= $hub_members
WITH h, units, members, members_at_most, EXISTS {
    MATCH (s:Site)-[:IN_PLACE]->(h)
    WHERE s.listed
  } AS has_center
RETURN h.id AS id,
  CASE
    WHEN has_center THEN 'clear'
    WHEN ($hub_units > 0 AND units >= $hub_units) OR members >= $hub_members THEN 'finding'
    // as many 正式党员 only if those not filled in are
    ELSE 'unverified'
  END AS verdict,
  h.kind AS kind, units AS units, members AS members, members_at_most AS members_at_most, has_center AS has_center
ORDER BY id;
