"""How GitLab prints its things: one function for each entity of its REST API."""
