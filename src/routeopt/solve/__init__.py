"""From arrays to proven optima. The only place that names a solver."""
