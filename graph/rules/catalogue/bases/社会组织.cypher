// id: 社会组织
// kind: 社会组织
// meaning: 登记在册的社会团体、社会服务机构（民办非企业单位）和基金会；注销、吊销、停业、迁出和由上级单位党组织覆盖的分支机构不计

// member
MATCH (u:Unit)
WHERE u.listed AND u.kind = '社会组织'
  AND NOT (coalesce(u.operating, '') IN ['停业', '注销', '吊销', '迁出'])
  AND NOT (coalesce(u.branch_of_parent, false) AND EXISTS {
    MATCH (u)<-[:COVERS]-(o:PartyOrg)-[:COVERS]->(p:Unit)
    WHERE o.listed AND p.listed AND NOT coalesce(p.branch_of_parent, false)
  })
RETURN u.id AS id
ORDER BY id;

// undecided
MATCH (u:Unit)
WHERE u.listed AND u.kind IS NULL
  AND NOT (coalesce(u.operating, '') IN ['停业', '注销', '吊销', '迁出'])
  AND NOT (coalesce(u.branch_of_parent, false) AND EXISTS {
    MATCH (u)<-[:COVERS]-(o:PartyOrg)-[:COVERS]->(p:Unit)
    WHERE o.listed AND p.listed AND NOT coalesce(p.branch_of_parent, false)
  })
RETURN u.id AS id
ORDER BY id;
