"""Flow on the Trans-Caspian Oil Pipeline, in a normal year and with CPC closed."""

import routeopt as ro

kz = ro.load("kazakhstan")
base, shut = ro.allocate(kz), ro.allocate(kz, "cpc-closed")
sizes = kz.legs["tcop"].build.sizes

print(f"{'size':>8} {'normal year':>12} {'no CPC':>9} {'added':>6}   in {base.flow_unit}")
useful = []
for size in sizes:
    build = {"tcop": str(size)}
    calm, hit = ro.allocate(kz, build=build), ro.allocate(kz, "cpc-closed", build=build)
    saved = hit.exported - shut.exported
    useful.append((size, calm.routes.loc["tcop", "flow"], saved))
    print(f"{size!s:>8} {useful[-1][1]:12.1f} {hit.routes.loc['tcop', 'flow']:9.1f} {saved:6.1f}")

size, calm_flow, saved = useful[1]
print()
print(
    f"A pipeline of {size} would add {saved:.1f} of the {base.exported - shut.exported:.1f} {base.flow_unit} lost in a "
    f"year without CPC. In a normal year it would carry {calm_flow:.1f}: "
    + ("it runs empty, and its capital must be paid." if calm_flow < 0.1 * size.value else "taken from other routes.")
)
largest, before = useful[-1], useful[-2]
added = largest[2] - before[2]
step = largest[0].value - before[0].value
print(
    f"From {before[0]} to {largest[0]} it adds {added:.1f} for {step:g} {base.flow_unit} of capacity"
    + (": another limit binds." if added < step - 1e-6 else ".")
)
limits = ro.allocate(kz, "cpc-closed", build={"tcop": str(largest[0])}).bottlenecks
exporting = limits[(limits["marginal_exports"] > 0) & (limits["status"] == "full")]
print("What limits exports at that size:", ", ".join(exporting.index[:4]) or "nothing")
