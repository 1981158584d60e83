// id: household_ratio
// title: 联户超比
// severity: warn
// subject: Region
// meaning: 平均每名联户人员联系多于{households_per_linker}户的网格
// denominator: 网格
// basis:
//   - 宁乡联户做法（10至15户）、浏阳（10至20户）
// level: 地方做法
// remedy: 增加联户人员
// action: contact
// params:
//   households_per_linker: {label: 每名联户人员至多联系, default: 15, unit: 户}

MATCH (v:Region)
WHERE v.listed AND v.kind = '网格' AND (size($scope) = 0 OR v.id IN $scope)
RETURN v.id AS id,
  CASE
    WHEN v.households IS NULL OR v.linkers IS NULL THEN 'unverified'
    WHEN v.households > v.linkers * $households_per_linker THEN 'finding'
    ELSE 'clear'
  END AS verdict,
  v.households AS households, v.linkers AS linkers
ORDER BY id;
