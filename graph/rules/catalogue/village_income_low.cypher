// id: village_income_low
// title: 集体经济未达标
// severity: warn
// subject: Region
// meaning: 村集体经济总收入不足{low_income}元的村
// denominator: 村（不含社区）
// basis:
//   - 宁乡、浏阳做法（村集体经济总收入20万元以上）
// level: 地方做法
// remedy: 制定增收方案
// action: plan
// params:
//   low_income: {label: 集体经济达标的标准, default: 200000, unit: 元}

// nobody has said what the village earns: a blank is not a zero
MATCH (v:Region)
WHERE v.listed AND v.kind = '村' AND (size($scope) = 0 OR v.id IN $scope)
RETURN v.id AS id,
  CASE WHEN v.income IS NULL THEN 'unverified' WHEN v.income < $low_income THEN 'finding' ELSE 'clear' END AS verdict,
  v.income AS income, v.category AS category
ORDER BY id;
