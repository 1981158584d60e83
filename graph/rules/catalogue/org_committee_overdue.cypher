// id: org_committee_overdue
// title: 支委会未按期召开
// severity: warn
// subject: PartyOrg
// meaning: 设有支委会、有组织生活记录、上一个完整月没有召开支委会的支部
// denominator: 设有支委会、有组织生活记录的支部
// basis:
//   - 《中国共产党支部工作条例（试行）》第十二条
// level: 党内法规
// remedy: 召开支委会并录入
// action: hold
// facts:
//   held: {label: 时段内支委会, type: integer, unit: 次, via: TOOK_PART}
//   last_held: {label: 最近一次支委会, type: date, via: TOOK_PART}
//   recorded_from: {label: 最早的组织生活记录, type: date, via: TOOK_PART}
//   period_from: {label: 检查时段起, type: date}
//   period_to: {label: 检查时段止, type: date}
// given: [as_of, last_month_from, last_month_to]

// no record at all is 未录入, not 未开展: such a branch is not in the denominator
// a committee that met is there, though the ledger of organizations does not give its number
MATCH (o:PartyOrg)-[:TOOK_PART]->(a:Activity)
WHERE o.listed AND a.listed AND a.held_on <= $as_of
  AND coalesce(o.kind, '支部') IN ['支部', '联合支部']
  AND (o.founded_on IS NULL OR o.founded_on <= $last_month_from)
  AND (size($scope) = 0 OR EXISTS { MATCH (o)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })
WITH o, min(a.held_on) AS recorded_from,
  max(CASE WHEN a.kind = '支委会' THEN a.held_on END) AS last_held,
  count(CASE WHEN a.kind = '支委会' AND $last_month_from <= a.held_on AND a.held_on <= $last_month_to THEN 1 END) AS held
WHERE o.committee_members > 0 OR (o.committee_members IS NULL AND last_held IS NOT NULL)
// where the records begin after the period, nothing was entered of it
RETURN o.id AS id,
  CASE WHEN recorded_from > $last_month_to THEN 'unverified' WHEN held = 0 THEN 'finding' ELSE 'clear' END AS verdict,
  CASE WHEN recorded_from <= $last_month_to THEN held END AS held, last_held AS last_held, recorded_from AS recorded_from,
  o.committee_members AS committee_members, $last_month_from AS period_from, $last_month_to AS period_to
ORDER BY id;
