// id: village_income_weak
// title: 集体经济薄弱
// severity: medium
// subject: Region
// meaning: 村集体经济总收入不足{weak_income}元的村、涉农社区
// denominator: 村和涉农社区
// basis:
//   - 沅江做法（消除总收入5万元以下的集体经济薄弱村）
// level: 地方做法
// remedy: 制定增收方案
// action: plan
// params:
//   weak_income: {label: 集体经济薄弱的标准, default: 50000, unit: 元}

// nobody has said what the village earns: a blank is not a zero
// a community is 涉农 where its ledger says so, by its 类别 or in a column of its own
MATCH (v:Region)
WHERE v.listed
  AND (v.kind = '村' OR (v.kind = '社区' AND coalesce(v.rural OR '涉农社区' IN v.category OR '涉农' IN v.category, false)))
  AND (size($scope) = 0 OR v.id IN $scope)
RETURN v.id AS id,
  CASE WHEN v.income IS NULL THEN 'unverified' WHEN v.income < $weak_income THEN 'finding' ELSE 'clear' END AS verdict,
  v.income AS income, v.category AS category
ORDER BY id;
