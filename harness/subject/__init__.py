"""What cases hold in their hands: a cluster, its topics, producers and groups, all of it blocking."""
