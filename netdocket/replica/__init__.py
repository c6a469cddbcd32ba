"""A local replica of publishers' sites, for trying netdocket out and for its tests."""
