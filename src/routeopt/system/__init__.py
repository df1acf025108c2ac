"""What the world is: frozen records without mathematics."""

from routeopt.system.build import Build
from routeopt.system.causes import Closes, CommonCause
from routeopt.system.commercial import Commodity, Contract, Group, Member, Recourse, Route, Source, Units
from routeopt.system.components import Component, Components, Fleet, Outages, Repair, Surge
from routeopt.system.legs import Leg
from routeopt.system.nodes import Field, Hub, Market, Refinery, Storage, Terminal
from routeopt.system.quantity import Quantity
from routeopt.system.system import ExportSystem

__all__ = [
    "Build",
    "Closes",
    "Commodity",
    "CommonCause",
    "Component",
    "Components",
    "Contract",
    "ExportSystem",
    "Field",
    "Fleet",
    "Group",
    "Hub",
    "Leg",
    "Market",
    "Member",
    "Outages",
    "Quantity",
    "Recourse",
    "Refinery",
    "Repair",
    "Route",
    "Source",
    "Storage",
    "Surge",
    "Terminal",
    "Units",
]
