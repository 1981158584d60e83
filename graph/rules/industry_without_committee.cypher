// id: industry_without_committee
// title: 行业未建党委
// severity: suggest
// subject: Region
// meaning: 本地点名要建行业党委的行业中，有的还没有行业党委（按党组织名称辨认）
// denominator: 点名要建行业党委的县（市、区）；设置 key_industries 未列行业的为零
// basis:
//   - 宁乡（小个专、物业）、泾川（快递外卖、物业、互联网）行业党委做法
// remedy: 建议成立行业党委
// action: propose_committee
// params:
//   industry_kinds: {label: 计为行业党委的类别, default: [行业党委, 小个专党委]}
// facts:
//   industries: {label: 行业, type: strings}
// given: [key_industries]

// population
MATCH (c:Region)
WHERE c.listed AND c.kind = '县' AND (size($scope) = 0 OR c.id IN $scope)
UNWIND $key_industries AS industry
RETURN c.id AS id, collect(DISTINCT industry) AS industries
ORDER BY id;

// finding
// a committee is that of the industry which its name bears
MATCH (c:Region)
WHERE c.listed AND c.kind = '县' AND (size($scope) = 0 OR c.id IN $scope)
UNWIND $key_industries AS industry
WITH c, industry
WHERE NOT EXISTS {
    MATCH (o:PartyOrg)-[:LOCATED_IN]->(c)
    WHERE o.listed AND o.kind IN $industry_kinds AND o.name CONTAINS industry
  }
  AND NOT EXISTS {
    MATCH (o:PartyOrg)-[:LOCATED_IN]->(:Region)-[:PART_OF*1..6]->(c)
    WHERE o.listed AND o.kind IN $industry_kinds AND o.name CONTAINS industry
  }
RETURN c.id AS id, collect(DISTINCT industry) AS industries
ORDER BY id;
