"""MC5xx: is this database where the folder thinks it is?"""
