"""Running cases: targets, the raw client, requirements, events, histories."""
