"""Reference data: what is given. Read and cross-checked on load, then asked for units, names and duties."""

from etl.reference.copying import copy_reference, differences
from etl.reference.definitions import (
    CADENCES,
    QUALITY_FAMILIES,
    SLIDE_PARTS,
    Band,
    Cadence,
    Column,
    Expected,
    Form,
    Indicator,
    Labels,
    Measure,
    Meeting,
    OrgUnit,
    PlannedPoint,
    Slide,
    Succession,
    Target,
    Task,
    Tile,
    UnitKind,
)
from etl.reference.loading import load_reference, marks
from etl.reference.lookup import Reference, UnitMatch
from etl.reference.screens import Panel, Screen

__all__ = [
    "CADENCES",
    "QUALITY_FAMILIES",
    "SLIDE_PARTS",
    "Band",
    "Cadence",
    "Column",
    "Expected",
    "Form",
    "Indicator",
    "Labels",
    "Measure",
    "Meeting",
    "OrgUnit",
    "Panel",
    "PlannedPoint",
    "Reference",
    "Screen",
    "Slide",
    "Succession",
    "Target",
    "Task",
    "Tile",
    "UnitKind",
    "UnitMatch",
    "copy_reference",
    "differences",
    "load_reference",
    "marks",
]
