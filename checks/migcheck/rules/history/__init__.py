"""MC2xx: is everything that landed untouched, and does everything new come after it?"""
