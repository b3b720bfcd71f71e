"""MC0xx: is every waiver used, in date, and of a rule that exists?"""
