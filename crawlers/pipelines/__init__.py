"""Item pipelines, in this order: bytes into the archive, the bulletin into the spool (or among the dead letters), and
only then into memory. Each waits for the disk without holding up the event loop."""
