"""Lists of persons: told from ledgers by their headings and titles, so that no name in them is read.

The product counts persons and keeps no roster. Officers and leaders are persons too: their ledgers say so by title, or
by columns that only they have.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence, Set

from graph.workbook import Cell
from loaders.cleaning.cells import text
from loaders.recognize.ledgers import Ledger

Path = tuple[str, ...]

_GROUPS = (
    "党员|团员|会员|队员|学员|员工|职工|雇员|工人|农民工|志愿者|义工|积极分子|发展对象|申请人|培养对象|离退休|退休|老干部"
    "|退役军人|村民|居民|学生|专家|人才|律师|特派员|代表"
)
#: a column of persons' names; 姓名 alone may also be that of an officer
_PERSON = re.compile(
    f"(?:正式|预备|入党|流动|困难|在职|{_GROUPS}|人员|成员|教师|户主|骨干|群众|干部|本人)+的?(?:姓名|名字)"
    "|(?:入党)?(?:申请人|积极分子)|(?:党员)?发展对象|志愿者"
)
_NAME = re.compile("姓名|名字|姓名（.*）")
#: a heading above a person's name that leaves it the name of the row's own person
_ABOUT_PERSON = re.compile("(?:个人|人员|党员|员工|职工|身份|志愿者|本人)?(?:基本)?(?:信息|情况|资料)")
#: columns that describe a person; a ledger of anything else has few
_DESCRIBES = re.compile(
    "性别|民族|年龄|周岁|籍贯|出生地|出生(?:年月日?|日期|时间|年份)|生日|学历.*|学位.*|文化程度|毕业(?:院校|学校|时间)|(?:所学)?专业"
    "|政治面貌|婚姻(?:状况|情况)|健康(?:状况|情况)|户籍.*|户口.*|家庭(?:住址|地址)|现?居住地址?|住址|身份证.*|证件号码?|公民身份号码"
    "|(?:职务|岗位|职称|工种|部门|所在部门|科室|班组|车间)(?:（.*）)?|(?:党内|现任|工作|行政)职务|党内职务.*|技术职称|是否党员|是否退休"
    "|所在(?:党)?支部|所属(?:党)?支部|组织关系所在.*|特长|爱好|个人简历|简历|照片|人员类别|人员状态|用工(?:形式|性质)"
)
#: columns that only lists of members, applicants, employees or volunteers have
_TELLS = re.compile(
    "(?:申请)?入党(?:时间|日期|年月|介绍人)|(?:预备|转正)(?:党员)?(?:时间|日期|年月)|递交.*申请书.*|.*(?:积极分子|发展对象).*(?:时间|日期)"
    "|培养联系人|党龄|缴纳党费.*|党费.*|流入(?:时间|地).*|流出(?:时间|地).*|入党志愿书.*|思想汇报.*"
    "|工号|员工编号|员工号|职工编号|入职(?:日期|时间)|进厂(?:日期|时间)|离职(?:日期|时间)|合同(?:起始|终止|到期).*|参加工作(?:时间|日期)|工龄|参保.*时间"
    "|退休(?:日期|时间)|志愿者编号|志愿服务.*|服务时长|注册志愿者.*|入团(?:时间|日期)|党员编号"
)
#: titles of such lists; without a group they may be of officers
_ROSTER_TITLE = re.compile(f".*(?P<group>{_GROUPS})|.*(?:花名册|名册|通讯录|人员|成员)")
#: a heading under which a person is named or can be reached: what no field takes of it is dropped
_PERSONAL = re.compile(
    ".*(?:姓名|名字|签[名字]|电话|电话号码|固话|手机|手机号码?|联系方式|身份证号?码?|证件号码?|护照号?码?|邮箱|电子邮件|微信号?|qq号?码?|银行[卡账帐]号|车牌号?"
    "|住址|家庭地址|出生年月日?|出生日期)[1-9一二三]?(?:（.*）)?"
    "|.*(?:书记|副书记|委员|负责人|联系人|联络人|对接人|责任人|经办人|代[办理]人|填[报表写][人者]|制表人?|报送人|[提上][交报][人者]|(?:录入|采集|登记|创建|修改)[人者员]|发起人|统计员|审[核批]人|法人代表|法定代表人|实控人"
    "|董事长?|监事长?|总经理|厂长|园长|校长|院长|会长|秘书长|理事长|股东|高管|经营者|投资人|出资人|合伙人|出纳|会计|入党介绍人)"
    "(?:姓名|名称|信息)?[1-9一二三]?(?:（.*）)?"
    "|(?:企业|店铺|门店)?(?:业主|老板|店主)|介绍人|配偶|子女|家庭成员|班子成员"
    f"|.*(?:{_GROUPS}|人员|成员|骨干|干部|教师|委员)(?:花?名册|名单)(?:（.*）)?"
)
#: a heading that describes a person, or may name one: its column is dropped where no field takes it
_OF_NO_FIELD = re.compile(
    "性别|民族|籍贯|学历|政治面貌|入党时间|(?:流动)?党员|成员|(?:包联|联系)干部|(?:专职|兼职)?网格员|楼栋?长|党务工作者|(?:党建)?专[干员]|党建专员|法律顾问|律师"
)
#: a heading of persons whom the product does not keep: all that stands below it is about them
_PERSONS_ABOVE = re.compile(
    "(?:企业|单位|公司|法人)?(?:法人|法人代表|法定代表人|联系人|联络人|经办人|填报人|填表人|审核人|负责人|主要负责人|实际控制人|受益所有人|最终受益人|实控人|对接人|责任人|(?:委托)?代理人|业主|老板|店主|园长|校长|院长|配偶|家庭成员|班子成员"
    "|董事长?|监事长?|总?经理|董事会?秘书|厂长|股东|高管|经营者|投资人|出资人|合伙人|出纳|会计|财务负责人|法人或负责人)"
    "(?:的?(?:个人|基本|主要)?(?:信息|情况|资料|联系方式|姓名及.*))?(?:（.*）)?"
)
#: a name of a person, by its surname
_PERSON_NAME = re.compile(
    "[赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕施张孔曹严华金魏陶姜谢邹喻柏苏潘葛范彭郎鲁韦马苗方俞任袁柳鲍史唐费廉薛雷贺倪汤"
    "罗毕郝安常傅齐康伍余顾孟黄穆萧尹姚邵汪毛戴宋庞熊纪舒项祝董梁杜阮蓝贾江童郭梅林钟徐邱骆高夏蔡田樊胡凌霍万柯卢莫丁邓洪包左石"
    "崔龚程邢裴陆荣翁段侯宁甘刘龙叶黎白赖卓乔温曾文欧阳易廖聂涂肖谭向艾游关][\u4e00-\u9fff·]{1,3}"
)
#: an answer about a person
_PERSONAL_CELL = re.compile("男|女|男性|女性|(?!民族)[\u4e00-\u9fff]{1,5}族|中共党员|共青团员")


def describing(paths: Iterable[Path]) -> tuple[str, ...]:
    """The headings that describe persons, the name first; () where no column names the person of a row."""
    names = [p[-1] for p in paths if p and _names_person(p)]
    return (*names, *(p[-1] for p in paths if p and _describes(p[-1]))) if names else ()


def lists_persons(
    ledger: Ledger, paths: Sequence[Path], fields: Set[str], own_heading: bool, texts: Sequence[str]
) -> bool:
    """Whether a header that could be that of a ledger, with these fields, is that of a list of persons.

    A ledger of officers or leaders says so by a heading of its own, by columns that only it has, or in one of `texts`
    (its titles, sheet and file, nearest first). Of any other, more headings state what the ledger is about than
    describe persons.
    """
    if not ledger.of_persons:
        headings = describing(paths)
        # 党员姓名 tells more than 姓名, and a title tells more than a heading
        weight = len(headings) + any(_PERSON.fullmatch(h) for h in headings) + 2 * (_titled((), texts) is False)
        return bool(headings) and weight >= len(fields)
    if own_heading:
        return False
    titled = _titled(ledger.titles, texts)
    # a workbook of officers may have a sheet of members
    by_file = titled and _titled(ledger.titles, texts[:-1]) is None
    if titled is None or (by_file and any(_TELLS.fullmatch(p[-1]) for p in paths if p)):
        return not fields & ledger.signs
    return not titled


def _titled(titles: Iterable[str], texts: Sequence[str]) -> bool | None:
    """What the nearest of `texts` that says something is called: by one of `titles`, or as a list of persons (False)."""
    for words in texts:
        ledger = any(t in words for t in titles)
        roster = _ROSTER_TITLE.match(words[:100])
        if ledger and (roster is None or roster["group"] is None):
            return True
        if roster and not ledger:
            return False
    return None


def personal(heading: str) -> bool:
    """Whether a person is named, or can be reached, under a heading."""
    return _PERSONAL.fullmatch(heading.casefold()) is not None


def of_no_field(heading: str) -> bool:
    """Whether a column that no field takes may be of persons."""
    return personal(heading) or of_persons(heading) or _OF_NO_FIELD.fullmatch(heading) is not None


def of_persons(heading: str) -> bool:
    """Whether all that stands below a heading is about persons whom the product does not keep."""
    return _PERSONS_ABOVE.fullmatch(heading) is not None


def about_persons(rows: Sequence[Sequence[Cell]]) -> bool:
    """Whether the first of some rows looks like the data of a person rather than a header."""
    if not rows:
        return False
    if any(_PERSONAL_CELL.fullmatch(text(cell) or "") for cell in rows[0]):
        return True
    for index, cell in enumerate(rows[0]):
        if isinstance(cell, str) and _PERSON_NAME.fullmatch(cell.strip()):
            below = [row[index] for row in rows[1:] if index < len(row) and row[index] is not None]
            if below and all(isinstance(c, str) and _PERSON_NAME.fullmatch(c.strip()) for c in below):
                return True
    return False


def _names_person(path: Path) -> bool:
    if _PERSON.fullmatch(path[-1]):
        return True
    return _NAME.fullmatch(path[-1]) is not None and all(_ABOUT_PERSON.fullmatch(above) for above in path[:-1])


def _describes(heading: str) -> bool:
    return _DESCRIBES.fullmatch(heading) is not None or _TELLS.fullmatch(heading) is not None
