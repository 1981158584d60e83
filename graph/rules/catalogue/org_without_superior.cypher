// id: org_without_superior
// title: 隶属关系不明
// severity: warn
// subject: PartyOrg
// meaning: 没有上级党组织、有两个以上上级党组织，或隶属关系成环（四级以内）的党组织
// denominator: 党工委以外的两新党组织：覆盖着两新组织的，综合、行业、小个专、产业链、联盟党委，以及覆盖着两新组织的党组织的直接上级（村、社区和机关党组织不计）
// basis:
//   - 数据质量：台账应写明每个党组织的一个上级党组织（没有条文要求数据中只有一个上级）
// level: 数据质量
// remedy: 核实并理顺隶属关系
// action: attach
// facts:
//   superiors: {label: 上级党组织数, type: integer, unit: 个, via: SUBORDINATE_TO}
//   in_ring: {label: 隶属关系成环, type: boolean}
// given: [as_of]

MATCH (o:PartyOrg)
WHERE o.listed AND coalesce(o.kind, '支部') <> '党工委'
  AND (size($scope) = 0 OR EXISTS { MATCH (o)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
  AND (
    coalesce(o.two_new, false)
    OR (o.two_new IS NULL AND (
      o.kind IN ['综合党委', '行业党委', '小个专党委', '产业链党委', '联盟党委']
      OR EXISTS {
        MATCH (o)-[c:COVERS]->(u:Unit)
        WHERE u.listed AND c.valid_from <= $as_of AND $as_of <= c.valid_to
      }
      OR EXISTS {
        MATCH (o)<-[s:SUBORDINATE_TO]-(b:PartyOrg)-[c:COVERS]->(u:Unit)
        WHERE b.listed AND u.listed AND s.valid_from <= $as_of AND $as_of <= s.valid_to
          AND c.valid_from <= $as_of AND $as_of <= c.valid_to
      }
    ))
  )
OPTIONAL MATCH (o)-[s1:SUBORDINATE_TO]->(p1:PartyOrg)
WHERE p1.listed AND s1.valid_from <= $as_of AND $as_of <= s1.valid_to
OPTIONAL MATCH (p1)-[s2:SUBORDINATE_TO]->(p2:PartyOrg)
WHERE p2.listed AND s2.valid_from <= $as_of AND $as_of <= s2.valid_to
OPTIONAL MATCH (p2)-[s3:SUBORDINATE_TO]->(p3:PartyOrg)
WHERE p3.listed AND s3.valid_from <= $as_of AND $as_of <= s3.valid_to
OPTIONAL MATCH (p3)-[s4:SUBORDINATE_TO]->(p4:PartyOrg)
WHERE p4.listed AND s4.valid_from <= $as_of AND $as_of <= s4.valid_to
WITH o, count(DISTINCT p1.id) AS superiors,
  count(CASE WHEN p1.id = o.id OR p2.id = o.id OR p3.id = o.id OR p4.id = o.id THEN 1 END) > 0 AS in_ring
RETURN o.id AS id,
  CASE
    WHEN superiors > 1 OR in_ring THEN 'finding'
    WHEN superiors = 1 THEN 'clear'
    // of an organization that only a unit's row states nobody has told the superior yet
    WHEN coalesce(o.stated, false) THEN 'unverified'
    ELSE 'finding'
  END AS verdict,
  o.kind AS kind, superiors AS superiors, in_ring AS in_ring
ORDER BY id;
