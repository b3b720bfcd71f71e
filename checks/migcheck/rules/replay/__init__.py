"""MC4xx: does it run, twice, in every way, to the same schema?"""
