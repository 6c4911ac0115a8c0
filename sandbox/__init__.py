"""An embedded GitLab and an embedded Slack that speak HTTP. The demo and the tests run on them."""
