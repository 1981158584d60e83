// id: site_not_accepted
// title: 阵地未达标
// severity: suggest
// subject: PartyOrg
// meaning: 建有阵地、而没有一处通过{accepted_grades}验收的两新党组织
// denominator: 建有阵地的两新党组织
// basis:
//   - 东方红街道做法（活动阵地分一、二、三类验收）
// level: 地方做法
// remedy: 对照标准完善并申请验收
// action: accept
// params:
//   accepted_grades: {label: 算作达标的等级, default: [一类, 二类, 三类]}
// facts:
//   sites: {label: 阵地名称, type: strings}
//   grades: {label: 等级, type: strings}
//   accepted: {label: 有达标的阵地, type: boolean, via: HOSTS}
//   ungraded: {label: 有未填等级的阵地, type: boolean, via: HOSTS}
// given: [as_of]

MATCH (o:PartyOrg)-[:HOSTS]->(s:Site)
WHERE o.listed AND s.listed
  AND (coalesce(o.two_new, false) OR (o.two_new IS NULL AND EXISTS {
    MATCH (o)-[c:COVERS]->(u:Unit)
    WHERE u.listed AND c.valid_from <= $as_of AND $as_of <= c.valid_to
  }))
  AND (size($scope) = 0 OR EXISTS { MATCH (o)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
WITH o, collect(DISTINCT s.name) AS sites, collect(DISTINCT s.grade) AS grades,
  count(CASE WHEN s.grade IN $accepted_grades THEN 1 END) > 0 AS accepted,
  count(CASE WHEN s.grade IS NULL THEN 1 END) > 0 AS ungraded
RETURN o.id AS id,
  // no class accepted is known of, and of a site nobody has said whether it was
  CASE WHEN accepted THEN 'clear' WHEN ungraded THEN 'unverified' ELSE 'finding' END AS verdict,
  sites AS sites, grades AS grades, accepted AS accepted, ungraded AS ungraded
ORDER BY id;
