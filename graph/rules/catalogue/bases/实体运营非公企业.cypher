// id: 实体运营非公企业
// kind: 企业
// meaning: 实际运营的非公有制企业；注销、吊销、停业、迁出、公有控股和由上级单位党组织覆盖的分支机构不计，所有制不明的计入（未覆盖的列为待核实）
// given: [as_of, kinds_not_covering]

// member
// a row of a 非公企业台账 lists an operating firm unless it says otherwise
MATCH (u:Unit)
WHERE u.listed AND u.kind = '企业'
  AND NOT (coalesce(u.operating, '') IN ['停业', '注销', '吊销', '迁出'])
  AND NOT EXISTS {
    MATCH (o:PartyOrg)-[c:COVERS]->(u)
    WHERE c.of_parent AND o.listed AND c.valid_from <= $as_of AND $as_of <= c.valid_to
      AND NOT (coalesce(o.kind, '') IN $kinds_not_covering)
  }
  AND coalesce(u.ownership, '') <> '公有控股'
  AND coalesce(u.entity_operated, true)
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
  AND coalesce(u.ownership, '') <> '公有控股'
  AND coalesce(u.entity_operated, true)
RETURN u.id AS id
ORDER BY id;
