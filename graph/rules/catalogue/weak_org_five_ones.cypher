// id: weak_org_five_ones
// title: “五个一”措施未落实
// severity: medium
// subject: Region
// sensitivity: case
// meaning: 软弱涣散党组织所在的村（社区），缺县级领导联村、镇街领导包村、第一书记、驻村工作队、结对的县级以上机关（企业、事业单位、镇街机关不算）中的任何一个
// denominator: 软弱涣散党组织所在的村（社区）
// basis:
//   - 浏阳软弱涣散村（社区）党组织整顿“五个一”做法
// level: 地方做法
// remedy: 补齐缺少的措施
// action: complete
// facts:
//   county_leaders: {label: 联村县级领导, type: integer, unit: 名, via: CONTACTS}
//   town_leaders: {label: 包村镇街领导, type: integer, unit: 名, via: CONTACTS}
//   other_leaders: {label: 层级未填的领导, type: integer, unit: 名, via: CONTACTS}
//   first_secretaries: {label: 第一书记, type: integer, unit: 名, via: STATIONED}
//   teams: {label: 驻村工作队, type: integer, unit: 支, via: STATIONED}
//   partners: {label: 结对的县级以上机关, type: integer, unit: 家, via: PAIRED_WITH}
//   other_partners: {label: 类别或层级不明的结对单位, type: integer, unit: 家, via: PAIRED_WITH, listed: false}
// given: [as_of]

MATCH (v:Region)
WHERE v.listed AND v.weak_organization AND (size($scope) = 0 OR v.id IN $scope)
OPTIONAL MATCH (l:Leader)-[e:CONTACTS]->(v)
WHERE l.listed AND e.valid_from <= $as_of AND $as_of <= e.valid_to
WITH v, count(DISTINCT CASE WHEN l.level = '县级' THEN l.id END) AS county_leaders,
  count(DISTINCT CASE WHEN l.level = '镇街' THEN l.id END) AS town_leaders,
  count(DISTINCT CASE WHEN l.level IS NULL THEN l.id END) AS other_leaders
OPTIONAL MATCH (w:WorkTeam)-[e:STATIONED]->(v)
WHERE w.listed AND e.valid_from <= $as_of AND $as_of <= e.valid_to
WITH v, county_leaders, town_leaders, other_leaders, count(DISTINCT w.id) AS teams,
  count(DISTINCT CASE WHEN w.first_secretary IS NOT NULL THEN w.id END) AS first_secretaries
OPTIONAL MATCH (v)-[p:PAIRED_WITH]-(n:PartnerUnit)
WHERE n.listed AND coalesce(n.kind, '机关') = '机关' AND coalesce(n.level, '县级以上') = '县级以上'
  AND p.valid_from <= $as_of AND $as_of <= p.valid_to
  // by its name it is the body of a town
  AND (n.level IS NOT NULL OR NOT (
    n.name CONTAINS '镇人民政府' OR n.name CONTAINS '乡人民政府' OR n.name CONTAINS '镇政府' OR n.name CONTAINS '乡政府'
    OR n.name CONTAINS '街道办' OR n.name CONTAINS '镇党委' OR n.name CONTAINS '乡党委'
  ))
WITH v, county_leaders, town_leaders, other_leaders, teams, first_secretaries, n,
  // one that lies in a town and does not give its level may be of the county or of the town
  n.kind IS NOT NULL AND (n.level IS NOT NULL OR NOT EXISTS {
    MATCH (n)-[:LOCATED_IN]->(r:Region) WHERE r.kind IN ['镇街', '村', '社区']
  }) AS of_county
WITH v, county_leaders, town_leaders, other_leaders, teams, first_secretaries,
  count(DISTINCT CASE WHEN of_county THEN n.id END) AS partners,
  count(DISTINCT CASE WHEN of_county THEN NULL ELSE n.id END) AS other_partners
RETURN v.id AS id,
  CASE
    WHEN teams = 0 OR partners + other_partners = 0 THEN 'finding'
    // a leader whose level is blank may be either of the two that are wanted
    WHEN CASE WHEN county_leaders = 0 THEN 1 ELSE 0 END + CASE WHEN town_leaders = 0 THEN 1 ELSE 0 END
      > other_leaders THEN 'finding'
    // nothing is missing for certain, but a level, a kind or the name of a 第一书记 is blank
    WHEN county_leaders = 0 OR town_leaders = 0 OR first_secretaries = 0 OR partners = 0 THEN 'unverified'
    ELSE 'clear'
  END AS verdict,
  county_leaders AS county_leaders, town_leaders AS town_leaders, other_leaders AS other_leaders,
  first_secretaries AS first_secretaries, teams AS teams, partners AS partners, other_partners AS other_partners
ORDER BY id;
