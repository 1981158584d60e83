// id: 规上企业
// kind: 企业
// meaning: 规模以上的非公有制企业

// member
MATCH (u:Unit)
WHERE u.listed AND u.kind = '企业'
  AND NOT (coalesce(u.operating, '') IN ['停业', '注销', '吊销', '迁出'])
  AND NOT (coalesce(u.branch_of_parent, false) AND EXISTS {
    MATCH (u)<-[:COVERS]-(o:PartyOrg)-[:COVERS]->(p:Unit)
    WHERE o.listed AND p.listed AND NOT coalesce(p.branch_of_parent, false)
  })
  AND coalesce(u.ownership, '') <> '公有控股'
  AND coalesce(u.above_scale, false)
RETURN u.id AS id
ORDER BY id;

// undecided
MATCH (u:Unit)
WHERE u.listed AND u.kind = '企业'
  AND NOT (coalesce(u.operating, '') IN ['停业', '注销', '吊销', '迁出'])
  AND NOT (coalesce(u.branch_of_parent, false) AND EXISTS {
    MATCH (u)<-[:COVERS]-(o:PartyOrg)-[:COVERS]->(p:Unit)
    WHERE o.listed AND p.listed AND NOT coalesce(p.branch_of_parent, false)
  })
  AND coalesce(u.ownership, '') <> '公有控股'
  AND u.above_scale IS NULL
RETURN u.id AS id
ORDER BY id;
