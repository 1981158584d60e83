// id: 合作社
// kind: 合作社
// meaning: 农民专业合作社，不属于非公企业、社会组织和小个专；注销、吊销、停业、迁出的不计

// member
MATCH (u:Unit)
WHERE u.listed AND u.kind = '合作社'
  AND NOT (coalesce(u.operating, '') IN ['停业', '注销', '吊销', '迁出'])
RETURN u.id AS id
ORDER BY id;

// undecided
MATCH (u:Unit)
WHERE u.listed AND u.kind IS NULL
  AND NOT (coalesce(u.operating, '') IN ['停业', '注销', '吊销', '迁出'])
RETURN u.id AS id
ORDER BY id;
