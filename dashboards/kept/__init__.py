"""What people set down about what they saw: views they come back to, records they say are wrong."""
