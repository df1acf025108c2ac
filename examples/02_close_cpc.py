"""CPC closed for a year: exports lost, volumes rerouted, and what limits the other routes."""

import routeopt as ro

kz = ro.load("kazakhstan")
base, shut = ro.allocate(kz), ro.allocate(kz, "cpc-closed")
pair = ro.compare(base, shut)
print(pair)

lost = base.exported - shut.exported
rerouted = (shut.routes["flow"] - base.routes["flow"]).clip(lower=0).sum()
print()
print(
    f"With CPC closed, {lost:.1f} {base.flow_unit} are lost, {lost / base.exported:.0%} of exports. "
    f"The other routes carry {rerouted:.1f} {base.flow_unit} more."
)
hurt = shut.fields.sort_values("shut_in", ascending=False)
worst = hurt.index[0]
print(f"{worst} loses most: {hurt['shut_in'].iloc[0]:.1f} of {hurt['available'].iloc[0]:.1f} {base.flow_unit}.")
for name, row in shut.bottlenecks.iterrows():
    if row["marginal_exports"] > 0 and row["status"] == "full":
        print(
            f"{name} is full at {row['capacity']:.1f}: each extra unit would export {row['marginal_exports']:.2f} more."
        )

print()
print("With a second closure:")
for other in ("atyrau-samara", "makhachkala", "baku", "china"):
    both = ro.allocate(kz, "cpc-closed", close=[{"route": other}])
    print(f"  CPC and {other:14} exports {both.exported:5.1f}, {shut.exported - both.exported:4.1f} less")
