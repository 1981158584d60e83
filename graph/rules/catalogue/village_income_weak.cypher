// id: village_income_weak
// title: 集体经济薄弱
// severity: high
// subject: Region
// meaning: 村集体经济总收入不足{weak_income}元的村
// denominator: 村（不含社区）
// basis:
//   - 沅江做法（消除总收入5万元以下的集体经济薄弱村）
// remedy: 制定增收方案
// action: plan
// params:
//   weak_income: {label: 集体经济薄弱的标准, default: 50000, unit: 元}

// nobody has said what the village earns: a blank is not a zero
MATCH (v:Region)
WHERE v.listed AND v.kind = '村' AND (size($scope) = 0 OR v.id IN $scope)
RETURN v.id AS id,
  CASE WHEN v.income IS NULL THEN 'unverified' WHEN v.income < $weak_income THEN 'finding' ELSE 'clear' END AS verdict,
  v.income AS income, v.category AS category
ORDER BY id;
