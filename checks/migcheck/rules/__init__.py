"""One file a rule, pure; grouped in folders by gate."""
