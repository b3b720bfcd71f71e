"""MC0xx: is every waiver used, in date, and with a reason?"""
