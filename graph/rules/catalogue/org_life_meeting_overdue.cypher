// id: org_life_meeting_overdue
// title: 组织生活会未召开
// severity: warn
// subject: PartyOrg
// meaning: 有组织生活记录、上一个完整年度没有召开组织生活会的支部（与民主评议党员合并开展、合写一条的算两项）
// denominator: 有组织生活记录的支部
// basis:
//   - 《中国共产党支部工作条例（试行）》第十七条（组织生活会每年至少召开1次）
// level: 党内法规
// remedy: 召开组织生活会并录入
// action: hold
// facts:
//   held: {label: 时段内组织生活会, type: integer, unit: 次, via: TOOK_PART}
//   last_held: {label: 最近一次组织生活会, type: date, via: TOOK_PART}
//   recorded_from: {label: 最早的组织生活记录, type: date, via: TOOK_PART}
//   period_from: {label: 检查时段起, type: date}
//   period_to: {label: 检查时段止, type: date}
// given: [as_of, last_year_from, last_year_to]

// no record at all is 未录入, not 未开展: such a branch is not in the denominator
// many hold both in one meeting: what the kind or, of a record of the other, the title names was held
MATCH (o:PartyOrg)-[:TOOK_PART]->(a:Activity)
WHERE o.listed AND a.listed AND a.held_on <= $as_of
  AND coalesce(o.kind, '支部') IN ['支部', '联合支部']
  AND (o.founded_on IS NULL OR o.founded_on <= $last_year_from)
  AND (size($scope) = 0 OR EXISTS { MATCH (o)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
WITH o, a, coalesce(a.kind, '') CONTAINS '组织生活会'
  OR (coalesce(a.kind, '') CONTAINS '民主评议' AND coalesce(a.title, '') CONTAINS '组织生活会') AS of_kind
WITH o, min(a.held_on) AS recorded_from,
  max(CASE WHEN of_kind THEN a.held_on END) AS last_held,
  count(CASE WHEN of_kind AND $last_year_from <= a.held_on AND a.held_on <= $last_year_to THEN 1 END) AS held
// where the records begin after the period, nothing was entered of it
RETURN o.id AS id,
  CASE WHEN recorded_from > $last_year_to THEN 'unverified' WHEN held = 0 THEN 'finding' ELSE 'clear' END AS verdict,
  CASE WHEN recorded_from <= $last_year_to THEN held END AS held, last_held AS last_held, recorded_from AS recorded_from,
  $last_year_from AS period_from, $last_year_to AS period_to
ORDER BY id;
