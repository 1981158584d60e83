// id: 小个专
// kind: 小个专
// meaning: 小微企业（规模以下的非公有制企业）和个体工商户；专业市场是场所，见楼宇商圈的规则；合作社不是小个专，另有口径
// given: [as_of, kinds_not_covering]

// member
MATCH (u:Unit)
WHERE u.listed
  AND (u.kind = '个体工商户' OR (u.kind = '企业' AND NOT coalesce(u.above_scale, true)))
  AND NOT (coalesce(u.operating, '') IN ['停业', '注销', '吊销', '迁出'])
  AND NOT EXISTS {
    MATCH (o:PartyOrg)-[c:COVERS]->(u)
    WHERE c.of_parent AND o.listed AND c.valid_from <= $as_of AND $as_of <= c.valid_to
      AND NOT (coalesce(o.kind, '') IN $kinds_not_covering)
  }
  AND coalesce(u.ownership, '') <> '公有控股'
RETURN u.id AS id
ORDER BY id;

// undecided
MATCH (u:Unit)
WHERE u.listed
  AND (u.kind IS NULL OR (u.kind = '企业' AND u.above_scale IS NULL))
  AND NOT (coalesce(u.operating, '') IN ['停业', '注销', '吊销', '迁出'])
  AND NOT EXISTS {
    MATCH (o:PartyOrg)-[c:COVERS]->(u)
    WHERE c.of_parent AND o.listed AND c.valid_from <= $as_of AND $as_of <= c.valid_to
      AND NOT (coalesce(o.kind, '') IN $kinds_not_covering)
  }
  AND coalesce(u.ownership, '') <> '公有控股'
RETURN u.id AS id
ORDER BY id;
