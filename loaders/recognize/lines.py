"""What a line of a sheet says that is no record: totals, notes, examples, headings between records."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise

from graph.workbook import Cell

#: how names of units and organizations end; a line that ends so is no heading, whatever number stands before it
_ORGANIZATION = re.compile(
    ".*(?:公司|厂|店|部|中心|合作社|联社|社|院|所|会|行|馆|站|场|队|学校|幼儿园|支部|总支|党委|党组|工委|超市|商行|工作室|集团|酒店|宾馆|餐馆"
    "|药房|诊所|企业（.*合伙）|合伙企业.*|个体户|经营部|门市)(?:（.*）)?"
)
_DIVISION = re.compile(
    "[^，。、；：]{1,12}(?:镇|乡|街道|街道办|办事处|园区|工业园|产业园|开发区|高新区|经开区|管理区|社区|居委会|村|村委会|县|区|市|林场|农场)"
)
_TOWN = re.compile("[^，。、；：]{1,7}(?:镇|街道|街道办事处)")
_COUNT = re.compile("（(?:共|计|合计|小计)?[:：]?\\d+[家户个名人所条项处]?）")
_TOTAL_WORDS = "(?:合计|总计|小计|共计|累计|总数|总和|汇总|平均|均值|平均值|平均数|人均|户均)数?"
_TOTAL = re.compile(f"{_TOTAL_WORDS}(?:[:：（\\d].*)?|(?:sub|grand)?[-]?totals?[:：]?", re.IGNORECASE)
_TOTAL_OF = re.compile(
    f"[^，。、；:：]{{0,14}}{_TOTAL_WORDS}(?:[:：（\\d].*)?"
    "|(?:以上|全[省市州县区镇乡村社街道]{1,3}|本[页表省市县区镇乡村期月季年]|总)?共(?:有|计)?(?:企业|单位|组织|党组织)?\\d+"
    "(?:家|户|个|名|人|条|项|所|处).{0,8}"
    "|其中(?:[:：].*|.{0,12}(?:企业|单位|组织|户|家|个|名|人))?"
    "|(?:承|接|转|过|续)[前上下次]页|(?:同比|环比)(?:增长|增减|增幅)?(?:率|%)?|上年同期(?:数)?|增长率|占比|比例"
)
_NOTE_LABEL = re.compile(
    "(?:注\\d*|附注|备注|说明|填[报表写制].*|制表.*|审[核批定].*|复核.*|经办.*|编制.*|统计.*|报送.*|抄送.*|主管.*|打印.*|附件?\\d*|附表\\d*"
    "|.*负责人|.*联系人|.*联系电话|电话|传真|.*日期|.*时间|.*来源|截[至止].*|数据.*|单位|.*盖章|.*公章|.*签[字名章]|口径|演示数据|备案)(?:（.*）)?"
)
_LABELLED = re.compile("([^:：。]{1,20})[:：](.*)")
_ROLE = re.compile(
    "(?:填[报表写]|制[表作]|审[核批定]|复核|经办|编制|统计|联系|单位|部门|主要|分管)(?:人|单位|部门|负责人|领导|时间|日期|电话)(?:（.*）)?|日期|盖章|签字"
)
_SEALED = re.compile("(?:填报|制表|报送|主管|审核|编制|填表|统计).{0,8}（.*[章签].*）.*")
_NOTE = re.compile(
    "(?:注|备注|说明|附注)\\d*(?:[、.．].*)?|[*※].*|（[^（）]{3,}）|[（(]?续表?[）)]?|附[件表]\\d*|(?:本|此|该)表.*|(?:数据)?截[至止].*\\d.*|演示数据.*"
    "|第?\\d+页.*|第[一二三四五六七八九十]+页.*|共\\d+页.*|-\\d+-|填[表报]说明.*|以下空白|以下无正文|.*。|[\\W_]+"
)
_EXAMPLE = re.compile(
    "(?:示?例|样例|范例|举例|样表|填[写报]?(?:示|样|范)例|例如|如)[:：]?\\d*|（(?:示?例|样例|范例|填写示例)）.*"
    "|(?:示?例|样例|范例|例如)[:：（].*|.*（(?:示?例|样例|范例|填写示例)）|(?:此|本|该)行.{0,6}(?:示例|样例|范例|举例).*"
    "|(?:示例|样例|范例).{0,6}(?:删除|勿填|请勿).*"
)
_EXAMPLE_WORD = re.compile("例|样|如")
_PLACEHOLDER = re.compile(
    "[Xx×*＊○◯]{2,}(?:省|市|县|区|镇|乡|街道|村|社区|[有限责任股份集团]*公司|企业|单位|厂|店|协会|学会|合作社|党|支部|总支|$).*"
)
_ORDINAL = re.compile(
    "(?:（[一二三四五六七八九十百]+）|[一二三四五六七八九十百]+[、.．,，]|第[一二三四五六七八九十]+[部分类批章节组]+|[ⅠⅡⅢⅣⅤⅥ]+[、.．])(.*)"
)
_ORDINAL_ALONE = re.compile("（?[一二三四五六七八九十百]+）?[、.．]?|[ⅠⅡⅢⅣⅤⅥ]+")
_CATEGORY = re.compile(".*(?:企业|单位|组织|类|类别|行业|产业|系统|领域|名单|情况|户|部分)(?:（.*）)?")
_COLUMN_NUMBER = re.compile(
    "[（(]?(?:(\\d{1,3})|([甲乙丙丁戊己庚辛壬癸])|([A-Z])|栏[次号目]|列[次号]|序|[-—－])[）)]?(?:=[\\d()（）+\\-*/×÷%=]+)?"
)
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_ROMAN = "ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩⅪⅫ"
_NUMBERED_BEFORE = re.compile("（?\\d{1,2}[、.．）]|[①-⑳]")
_BRACKETS = str.maketrans("()", "（）")


def plain(cell: Cell) -> str:
    """A cell as the text that the questions here are about: without spaces, '' for what is no text."""
    return "".join(cell.split()).translate(_BRACKETS) if isinstance(cell, str) else ""


def is_organization(text: str) -> bool:
    """Whether a text ends as the name of a unit or a party organization does."""
    return _ORGANIZATION.fullmatch(text) is not None


def is_division(text: str) -> bool:
    """Whether a text ends as the name of a town, village, park or county does."""
    return _DIVISION.fullmatch(text) is not None and not text.endswith(("超市", "夜市"))


def is_town(text: str) -> bool:
    """Whether a text ends as the name of a town does, and is short enough for one."""
    return _TOWN.fullmatch(text) is not None


def is_total(text: str, prose: bool = False) -> bool:
    """Whether a text is the label of a total, running total or average: 全县合计, 共2家企业, 平均.

    A firm called 合计通信有限公司 is none. In `prose` (titles of demands and the like) only the bare words are.
    """
    return _TOTAL.fullmatch(text) is not None or (not prose and _TOTAL_OF.fullmatch(text) is not None)


def is_note(cells: Sequence[Cell]) -> bool:
    """Whether the filled cells of a line are a note, a signature, or the number of a page."""
    if len(cells) > 8:
        return False
    first = plain(cells[0])
    if not first:
        return False
    if (_SEALED.fullmatch(first) or _ROLE.fullmatch(first)) and len(cells) <= 6:
        return True
    if _is_labelled(first) and (len(cells) <= 3 or all(_is_labelled(plain(cell)) for cell in cells)):
        return True
    # a label and its content may stand in two cells
    return len(cells) <= 2 and _NOTE.fullmatch(first) is not None and not is_organization(first)


def goes_on(text: str) -> bool | None:
    """Whether a line of one cell below a note goes on with it: 2.按年末数填报, but not 2.某公司; None where it may."""
    if is_organization(_NUMBERED_BEFORE.sub("", text)):
        return False
    return True if _NUMBERED_BEFORE.match(text) else None


def _is_labelled(text: str) -> bool:
    match = _LABELLED.fullmatch(text)
    return match is not None and _NOTE_LABEL.fullmatch(match[1]) is not None


def is_example(cells: Sequence[Cell]) -> bool:
    """Whether a line says that it is an example of how to fill in the sheet."""
    # most cells have none of the words
    return any(
        isinstance(cell, str) and _EXAMPLE_WORD.search(cell) and _EXAMPLE.fullmatch(plain(cell)) for cell in cells
    )


def is_placeholder(name: str) -> bool:
    """Whether a name is one of those with which templates are filled: XX公司, ××县××支部."""
    return _PLACEHOLDER.fullmatch(name) is not None


def heading(text: str, alone: bool) -> bool:
    """Whether a text in the column of names is a heading of the records below it; `alone`: it is all that its line has.

    一、城关镇, 东镇（3家） and 规上企业： are; 一、某公司 and a town without anything that marks a heading, with figures, are not.
    """
    if alone and text.endswith(("：", ":")):
        return True
    match = _ORDINAL.fullmatch(text)
    rest = match[1] if match else text
    if is_organization(_COUNT.sub("", rest)) and not _COUNT.search(rest):
        return False
    return match is not None or (alone and (_COUNT.search(text) is not None or is_division(rest)))


def headed_division(text: str) -> str:
    """The division that a heading of a group names: 一、城关镇（12家） is 城关镇; '' for a heading of anything else."""
    match = _ORDINAL.fullmatch(text)
    name = _COUNT.sub("", match[1] if match else text).rstrip(":：")
    return name if is_division(name) and not is_organization(name) else ""


def level_of_heading(text: str) -> str:
    """How a heading is numbered, which tells headings of one level from those inside them: 一、 from （一）."""
    match = _ORDINAL.fullmatch(text)
    if match is None:
        return "plain"
    number = text[: match.start(1)]
    return (
        "brackets"
        if number[0] == "（"
        else "part"
        if number[0] == "第"
        else "roman"
        if number[0] in "ⅠⅡⅢⅣⅤⅥ"
        else "number"
    )


def ends_group(text: str) -> bool:
    """Whether the label of a total ends the group of lines above it, and not only a page."""
    return re.match("本页|承|接|转|过|续", text) is None


def is_numbered(text: str) -> bool:
    """Whether a text begins with a Chinese or Roman number: 一、, （二）, 第三部分."""
    return _ORDINAL.fullmatch(text) is not None


def is_ordinal(text: str) -> bool:
    """Whether a text is a Chinese or Roman number that stands before a heading."""
    return _ORDINAL_ALONE.fullmatch(text) is not None


def is_category(text: str) -> bool:
    """Whether a text names a kind of units rather than one: 规上企业, 社会组织."""
    return _CATEGORY.fullmatch(text) is not None and not is_organization(text)


def is_column_numbers(cells: Sequence[Cell]) -> bool:
    """Whether the filled cells of a line number its columns: 甲 乙 1 2 3, (1) (2) (3), A B C, 栏次 1 2 3=1+2."""
    numbers: list[int] = []
    words: list[str] = []
    for cell in cells:
        if isinstance(cell, float | int) and not isinstance(cell, bool):
            if cell != int(cell):
                return False
            numbers.append(int(cell))
            continue
        text = plain(cell)
        if scale := next((scale for scale in (_CIRCLED, _ROMAN) if text and text in scale), ""):
            numbers.append(scale.index(text) + 1)
            continue
        text = unicodedata.normalize("NFKC", text)
        if match := _COLUMN_NUMBER.fullmatch(text):
            if match[1]:
                numbers.append(int(match[1]))
            else:
                words.append(match[2] or match[3] or "")
        else:
            return False
    ordered = all(b == a + 1 for a, b in pairwise(numbers))
    letters = [word for word in words if word]
    scale = "甲乙丙丁戊己庚辛壬癸" if letters and letters[0] in "甲乙丙丁戊己庚辛壬癸" else "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    in_scale = "".join(letters) in scale
    begins = (not numbers or numbers[0] <= 2) and (not letters or letters[0] == scale[0])
    return len(cells) >= 2 and ordered and in_scale and begins and len(numbers) + len(letters) >= 2
