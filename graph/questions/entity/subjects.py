"""The types of entity that have a profile, with the question that shows it and the label of one."""

from __future__ import annotations

#: question (and its parameter), node type, label
PROFILES = (
    ("unit", "Unit", "两新组织"),
    ("org", "PartyOrg", "党组织"),
    ("officer", "GuidanceOfficer", "指导员"),
    ("region", "Region", "区划"),
    ("chain", "IndustryChain", "产业链"),
    ("partner", "PartnerUnit", "结对单位"),
    ("group", "JointGroup", "联组"),
)
