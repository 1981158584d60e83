// id: 小个专
// kind: 小个专
// meaning: 规模以下的非公有制企业、个体工商户和合作社
// given: [as_of, kinds_not_covering]

// member
MATCH (u:Unit)
WHERE u.listed
  AND (u.kind IN ['个体工商户', '合作社'] OR (u.kind = '企业' AND NOT coalesce(u.above_scale, true)))
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
