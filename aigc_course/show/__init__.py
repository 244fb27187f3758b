"""What a reader looks at: progress, curves, grids and widgets. Nothing here can change a run."""
