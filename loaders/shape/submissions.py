"""Rows of a form's export that their senders withdrew or that were refused: they state nothing."""

from __future__ import annotations

import re

from loaders.cleaning.cells import text
from loaders.read.tables import Table
from loaders.recognize.headers import Layout
from loaders.shape.checks import Problems
from loaders.shape.data_rows import Lines

#: the columns in which programs for forms and approvals say what became of a row
_STATE = re.compile("(?:当前)?(?:审批|审核|流程|申请单?|填报|提交|表单|数据)(?:状态|结果)")
_WITHDRAWN = re.compile(
    "已?(?:撤[销回]|拒绝|驳回|退回|终止|作废|删除)|(?:审[批核])?不同意|未通过|(?:审[批核])?不通过|草稿|未提交"
)


def reject_withdrawn(table: Table, layout: Layout, sheet: Lines, problems: Problems) -> None:
    """Reject the rows that a column of the form's program says were withdrawn or refused."""
    states = [use for use in layout.columns if use.role == "unknown" and _STATE.fullmatch(use.path.rpartition("/")[2])]
    for use in states:
        for position, line in enumerate(sheet.data):
            row = table.rows[line]
            said = text(row[use.index]) if use.index < len(row) else None
            if said and _WITHDRAWN.fullmatch(said):
                reason = f"{use.path}“{said}”"
                remark = "行在填报系统里已撤销或没有通过，该行未收。如应列入，请改正状态后重新载入"
                problems.reject(position, reason, "withdrawn", remark, f"{problems.place(position)}：{reason}")
