// id: village_own_income_low
// title: 经营性收入偏低
// severity: warn
// subject: Region
// meaning: 村集体经营性收入不足{low_own_income}元的村
// denominator: 村（不含社区）
// basis:
//   - 浏阳做法（村集体经营性收入5万元以上）
// level: 地方做法
// remedy: 制定经营性收入增收方案
// action: plan
// params:
//   low_own_income: {label: 经营性收入的标准, default: 50000, unit: 元}

// nobody has said what the village earns: a blank is not a zero
MATCH (v:Region)
WHERE v.listed AND v.kind = '村' AND (size($scope) = 0 OR v.id IN $scope)
RETURN v.id AS id,
  CASE WHEN v.operating_income IS NULL THEN 'unverified' WHEN v.operating_income < $low_own_income THEN 'finding' ELSE 'clear' END AS verdict,
  v.operating_income AS operating_income, v.category AS category
ORDER BY id;
