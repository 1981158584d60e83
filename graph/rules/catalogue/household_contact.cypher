// id: household_contact
// title: 联户走访不足
// severity: warn
// subject: Region
// meaning: 上月沟通或上季走访的户数少于户数（一月一沟通、一季一走访）的网格
// denominator: 网格
// basis:
//   - 宁乡联户做法（一月一沟通、一季一走访）
// level: 地方做法
// remedy: 补齐沟通、走访
// action: contact

MATCH (v:Region)
WHERE v.listed AND v.kind = '网格' AND (size($scope) = 0 OR v.id IN $scope)
RETURN v.id AS id,
  CASE
    WHEN v.talked_households < v.households OR v.visited_households < v.households THEN 'finding'
    WHEN v.households IS NULL OR v.talked_households IS NULL OR v.visited_households IS NULL THEN 'unverified'
    ELSE 'clear'
  END AS verdict,
  v.households AS households, v.talked_households AS talked_households, v.visited_households AS visited_households
ORDER BY id;
