"""The dashboards as Kibana's saved objects, and bringing them there."""
