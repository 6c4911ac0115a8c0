"""What each sentence of evidence claims, found again in the alert and the harvest without the rule that said it."""
