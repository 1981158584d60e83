// id: industry_without_committee
// title: 行业未建党委
// severity: suggest
// subject: Region
// meaning: 本地点名要建行业党委的行业中，有的还没有行业党委（按党组织名称辨认）
// denominator: 点名要建行业党委的县（市、区）；设置 key_industries 未列行业的为零
// basis:
//   - 宁乡（小个专、物业）、泾川（快递外卖、物业、互联网）行业党委做法
// level: 地方做法
// remedy: 建议成立行业党委
// action: propose_committee
// params:
//   industry_kinds: {label: 计为行业党委的类别, default: [行业党委, 小个专党委]}
// facts:
//   industries: {label: 行业, type: strings}
// given: [key_industries]

MATCH (c:Region)
WHERE c.listed AND c.kind = '县' AND (size($scope) = 0 OR c.id IN $scope)
UNWIND $key_industries AS industry
// a committee is that of the industry which its name bears
OPTIONAL MATCH (o:PartyOrg)-[:LOCATED_IN]->(:Region)-[:PART_OF*0..6]->(c)
WHERE o.listed AND o.kind IN $industry_kinds AND o.name CONTAINS industry
WITH c, industry, count(DISTINCT o.id) > 0 AS organized
// the industries without a committee are one row of a county, those with one are another
WITH c, CASE WHEN organized THEN 'clear' ELSE 'finding' END AS verdict, collect(DISTINCT industry) AS industries
RETURN c.id AS id, verdict AS verdict, industries AS industries
ORDER BY id;
