// id: 合作社
// kind: 合作社
// meaning: 农民专业合作社，不属于非公企业、社会组织和小个专；注销、吊销、停业、迁出和由上级单位党组织覆盖的分支机构不计
// given: [as_of, kinds_not_covering]

// member
MATCH (u:Unit)
WHERE u.listed AND u.kind = '合作社'
  AND NOT (coalesce(u.operating, '') IN ['停业', '注销', '吊销', '迁出'])
  AND NOT EXISTS {
    MATCH (o:PartyOrg)-[c:COVERS]->(u)
    WHERE c.of_parent AND o.listed AND c.valid_from <= $as_of AND $as_of <= c.valid_to
      AND NOT (coalesce(o.kind, '') IN $kinds_not_covering)
  }
RETURN u.id AS id
ORDER BY id;

// undecided
MATCH (u:Unit)
WHERE u.listed AND u.kind IS NULL
  AND NOT (coalesce(u.operating, '') IN ['停业', '注销', '吊销', '迁出'])
  AND NOT EXISTS {
    MATCH (o:PartyOrg)-[c:COVERS]->(u)
    WHERE c.of_parent AND o.listed AND c.valid_from <= $as_of AND $as_of <= c.valid_to
      AND NOT (coalesce(o.kind, '') IN $kinds_not_covering)
  }
RETURN u.id AS id
ORDER BY id;
