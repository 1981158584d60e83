// id: 三有企业
// kind: 企业
// meaning: 有固定场所、从业人员{min_staff}人以上、有经营活动的非公有制企业
// params:
//   min_staff: {label: 从业人数, default: 10, unit: 人}
// given: [as_of, kinds_not_covering]

// member
MATCH (u:Unit)
WHERE u.listed AND u.kind = '企业'
  AND NOT (coalesce(u.operating, '') IN ['停业', '注销', '吊销', '迁出'])
  AND NOT EXISTS {
    MATCH (o:PartyOrg)-[c:COVERS]->(u)
    WHERE c.of_parent AND o.listed AND c.valid_from <= $as_of AND $as_of <= c.valid_to
      AND NOT (coalesce(o.kind, '') IN $kinds_not_covering)
  }
  AND coalesce(u.ownership, '') <> '公有控股'
  AND coalesce(u.fixed_premises, false) AND u.staff >= $min_staff
  AND (coalesce(u.entity_operated, false) OR (u.entity_operated IS NULL AND coalesce(u.operating, '') = '在营'))
RETURN u.id AS id
ORDER BY id;

// undecided
// no fact says no, and at least one of the three is not known
MATCH (u:Unit)
WHERE u.listed AND u.kind = '企业'
  AND NOT (coalesce(u.operating, '') IN ['停业', '注销', '吊销', '迁出'])
  AND NOT EXISTS {
    MATCH (o:PartyOrg)-[c:COVERS]->(u)
    WHERE c.of_parent AND o.listed AND c.valid_from <= $as_of AND $as_of <= c.valid_to
      AND NOT (coalesce(o.kind, '') IN $kinds_not_covering)
  }
  AND coalesce(u.ownership, '') <> '公有控股'
  AND coalesce(u.fixed_premises, true) AND coalesce(u.staff, $min_staff) >= $min_staff
  AND coalesce(u.entity_operated, true)
  AND (
    u.fixed_premises IS NULL OR u.staff IS NULL
    OR (u.entity_operated IS NULL AND u.operating IS NULL)
  )
RETURN u.id AS id
ORDER BY id;
