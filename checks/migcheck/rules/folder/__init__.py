"""MC1xx: is the folder what Drizzle will read?"""
